def call(a, b):
    return send(
        a,
        # the second
        b,
    ) + \
        1
