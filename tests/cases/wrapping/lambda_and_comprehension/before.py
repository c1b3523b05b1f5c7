def names(users):
    found = [user.name for user in users]
    return sorted(found, key=lambda name: name)
