import sys

if sys.platform == "win32":

    def price(amount):
        return 1
else:

    def price(amount):
        return 2
