name = "all"


def find(value):
    match value:
        case (_, name):
            return name
    return name
