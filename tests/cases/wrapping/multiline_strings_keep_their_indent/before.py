def text(name):
    found = f"""
  Dear {name},
    hello
"""
    return found
