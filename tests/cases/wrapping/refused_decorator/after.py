@route("/b")
def price(amount):
    return amount
