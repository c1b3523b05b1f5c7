from flags import client


def f():
    if client.is_enabled("shop.new-tax"):
        return """
    new
  text
"""
    else:
        return '''
 old
'''
