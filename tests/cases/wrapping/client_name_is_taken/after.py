def price(client):
    return client.rate * 2
