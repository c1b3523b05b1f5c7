from flags import client


if client.is_enabled("shop.new-tax"):
    RATE = 2
else:
    RATE = 1
