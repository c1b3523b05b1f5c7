def names(users):
    found = [user.name for user in users if user.active]
    return sorted(found, key=lambda name: name.lower())
