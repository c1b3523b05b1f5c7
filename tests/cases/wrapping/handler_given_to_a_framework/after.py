from framework import app


def page():
    return "new"


app.add_url_rule("/", view_func=page)
