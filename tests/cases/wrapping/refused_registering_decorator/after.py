def price(amount):
    return amount


@app.route("/new")
def new(request):
    return price(1)
