from web import route


@route("/")
def page():
    yield "a"
