@flag_required("shop.new-tax")
def f():
    return 1
