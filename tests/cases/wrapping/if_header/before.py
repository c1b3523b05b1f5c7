def ship(total):
    if total > 10:
        return "free"
    return "paid"
