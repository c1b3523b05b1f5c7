def ship(total):
    if total > 10:
        cost = 1
    return total
