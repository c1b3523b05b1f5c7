def ship(total):
    if total > 100:
        return 0
    elif total > 50:
        return 2
    return 5
