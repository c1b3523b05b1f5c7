try:
    import json
    import not_there_xyz
except ImportError:
    json=None
def f():
    return json is None, 1
