"""One copy of a block, below the headers of both versions."""


def collect(orders, store, shown):
    found = []
    for order in orders:
        if order.is_paid:
            found.append(order)
            shown.add(order)
        elif order.total > 100 or order.is_old:
            shown.add(order)
            store.put(order)
    while store.next():
        shown.add(store.next())
        store.drop()
    return found


def read(store, name):
    with store.open(name) as file, store.lock(name):
        text = file.read()
        store.note(text)
    try:
        return store.parse(text)
    except KeyError as error:
        store.note(error)
        raise


async def watch(store, names):
    async for name in store.names(
        names,
    ):
        match name.kind:
            case "order":
                await store.see(name)
                store.note(name)
            case _:
                store.note(None)
