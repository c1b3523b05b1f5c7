import inspect


def _price(amount, rate):
    return amount * rate


def arguments():
    return inspect.signature(_price)
