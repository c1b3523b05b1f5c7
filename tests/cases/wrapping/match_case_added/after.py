def name(code):
    match code:
        case 1:
            return "one"
        case 2:
            return "two"
        case _:
            return "many"
