async def totals(shops):
    async def total(shop):
        return await shop.sum()

    return [await total(shop) for shop in shops]
