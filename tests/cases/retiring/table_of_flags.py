from settings import FLAGS


def f():
    if FLAGS["shop.new-tax"] and FLAGS['shop.other']:
        return 1
    return 2
