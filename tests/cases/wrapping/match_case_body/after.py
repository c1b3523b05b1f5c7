def name(code):
    match code:
        case 1:
            return "single"
        case _:
            return "many"
