def price(item, error):
    rate = 1
    error.tb_frame.f_locals
    return item * rate
