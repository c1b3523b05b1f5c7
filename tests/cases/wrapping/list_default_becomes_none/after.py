class Basket:
    def add(
        self,
        item,
        tags=None,
    ):
        """Keep an item."""
        tags = tags or []
        tags.append(item)
        return tags
