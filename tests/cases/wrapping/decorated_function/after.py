@app.route("/price")
def price(request):
    return answer(request, fresh=True)
