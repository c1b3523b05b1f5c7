def price(client):
    return client.rate
