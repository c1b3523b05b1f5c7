from flags import client


def f(request):
    if client.is_enabled("shop.new-tax", {"userId": request.user.id}):
        return 1
    return 2
