from flags import client


def f():
    log.info("shop.new-tax")
    return create_flag("shop.new-tax")
