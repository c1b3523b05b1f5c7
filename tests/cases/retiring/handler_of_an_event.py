from bus import bus


def f():
    bus.on("shop.new-tax", print)
    client.is_enabled.assert_called_with("shop.new-tax")
