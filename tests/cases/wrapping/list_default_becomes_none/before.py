class Basket:
    def add(
        self,
        item,
        tags=[],
    ):
        """Keep an item."""
        tags.append(item)
        return tags
