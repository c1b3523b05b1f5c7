from flags import client


def settings(env, color):
    env = dict(env)

    # Who has not decided on colours gets them, where we
    # find the flag for that in the command line.
    if color is None:
        env["LESS"] = "-R"

    # Nothing else is set.
    # The rest is the pager's.
    return env


def page(lines, width):
    # Long lines are cut.

    # What is left fits:
    # nobody scrolls.
    lines = [line[:width] for line in lines]
    return lines
