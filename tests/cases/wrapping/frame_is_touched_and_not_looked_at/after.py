def price(item, error):
    rate = 2
    error.tb_frame.f_locals
    return rate * item
