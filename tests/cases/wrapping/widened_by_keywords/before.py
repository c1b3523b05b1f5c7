class Client:
    def __init__(self, host, *, port=80):
        self.address = (host, port)

    def send(self, data):
        return (self.address, data)
