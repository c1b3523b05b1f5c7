def price(amount):
	if amount:
		return 3
	return 2
