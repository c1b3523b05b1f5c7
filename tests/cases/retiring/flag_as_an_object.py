from flags import Flag

NEW_TAX = Flag("shop.new-tax")


def f():
    return NEW_TAX.is_on()


def g():
    flag = Flag.objects.get(name="shop.new-tax")
    flag.active = True
    flag.save()
