def ship(total):
    if total > 20:
        return "free"
    return "paid"
