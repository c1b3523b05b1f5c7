def text(name):
    found = f"""
  Dear {name},
    good day
"""
    return found
