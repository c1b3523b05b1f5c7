def ship(total):
    if total > 10:
        cost = 1
    elif total > 5:
        cost = 3
    else:
        cost = 2
    return cost
