from web import route


@route("/")
def page():
    return ["a"]
