from framework import app


def page():
    return "old"


app.add_url_rule("/", view_func=page)
