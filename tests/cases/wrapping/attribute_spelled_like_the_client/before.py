def price(self, item):
    self.client.load(item, client=None)
    return item.rate
