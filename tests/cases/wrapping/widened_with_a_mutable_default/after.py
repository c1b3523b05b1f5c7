class Cart:
    @classmethod
    def of(cls, item, seen=[]):
        seen.append(item)
        return list(seen)
