@route("/a")
def price(amount):
    return amount
