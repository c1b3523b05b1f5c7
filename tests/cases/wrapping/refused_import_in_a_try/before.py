try:
    import json
except ImportError:
    json=None
def f():
    return json is None
