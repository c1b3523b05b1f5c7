# -*- coding: latin-1 -*-
def price(amount):
    return 'thé'
