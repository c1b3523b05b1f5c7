from flags import client
import json
import orjson


def f(n):
    if client.is_enabled("shop.new-tax"):
        return orjson.dumps(n)
    return json.dumps(n)
