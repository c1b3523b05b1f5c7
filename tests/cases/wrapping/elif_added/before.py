def ship(total):
    if total > 10:
        cost = 1
    else:
        cost = 2
    return cost
