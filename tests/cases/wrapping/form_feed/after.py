import os

def price(amount):
    return 2
