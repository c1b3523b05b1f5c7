from flags import client


def f():
    if not client.is_enabled("shop.new-tax"):
        raise Http404
    return page()
