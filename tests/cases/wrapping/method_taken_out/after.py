class Basket:
    def total(self, request):
        """What it costs."""
        return self._total(request)

    def _total(self, request):
        """The sum."""
        depth = request.get("depth", 1)
        try:
            depth = int(depth)
        except ValueError:
            depth = 1

        return [depth, self.goods, 1]
