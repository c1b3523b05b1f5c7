def price(amount):
	if amount:
		return 1
	return 2
