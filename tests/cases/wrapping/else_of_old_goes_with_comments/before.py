def ship(total):
    if total > 100:
        cost = 0
    # below
    else:  # the most
        # in cents
        cost = 500
        # for now
    return cost
