from flags import client


def settings(env, color):
    env = dict(env)

    # Who has not decided on colours gets them, where we
    # know that the pager can show them.
    known = env.get("LESS", "")
    if color is None and not known:
        env["LESS"] = "-R"

    # Nothing else is set.
    # The rest is the pager's.
    return env


def page(lines, width):
    # Long lines are cut.

    # What is left fits:
    # nobody scrolls, as a tab counts for eight.
    lines = [line.expandtabs()[:width] for line in lines]
    return lines
