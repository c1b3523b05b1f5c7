import json


def load(text):
    try:
        import ujson as json
    except ImportError:
        import json
    return json.loads(text)
