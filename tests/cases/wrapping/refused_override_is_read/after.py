from typing import override

from shop.boxes import Box


class Crate(Box):
    @override
    def price(self, amount):
        return amount


OWN = [name for name in vars(Crate) if getattr(vars(Crate)[name], "__override__", False)]
