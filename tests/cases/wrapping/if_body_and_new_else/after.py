def ship(total):
    if total > 10:
        cost = 0
    else:
        cost = 5
    return total
