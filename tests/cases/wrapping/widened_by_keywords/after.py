class Client:
    def __init__(self, host, *, proxy=None, port=80, headers=()):
        self.address = proxy or (host, port)
        self.headers = headers

    def send(self, data, *, timeout_s=5):
        return (self.address, data, timeout_s)
