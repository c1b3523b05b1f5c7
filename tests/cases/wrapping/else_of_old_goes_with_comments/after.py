def ship(total):
    if total > 100:
        cost = 0
    # small
    else:  # few
        # in cents
        cost = 400
    return cost
