async def totals(shops):
    async def total(shop):
        return await shop.sum(with_tax=True)

    return [await total(shop) for shop in shops]
