from settings import FLAGS


def f():
    FLAGS["shop.new-tax"] = True
    if FLAGS["shop.new-tax"]:
        return 1
    return 2


def g():
    del FLAGS["shop.new-tax"]
