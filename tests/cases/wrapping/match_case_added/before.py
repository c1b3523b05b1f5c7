def name(code):
    match code:
        case 1:
            return "one"
        case _:
            return "many"
