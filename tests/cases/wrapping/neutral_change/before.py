import os
def price(amount): # cost
    return (amount)
