class Basket:
    def total(self, request):
        """What it costs."""

        depth = request.get("depth", 1)
        try:
            depth = int(depth)
        except ValueError:
            depth = 1

        return [depth, self.goods]
