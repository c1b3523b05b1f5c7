"""Start the command line: `flagwright`, or `python -m flagwright`."""


def main() -> None:
    """Run one command and exit with its code."""
    from flagwright.surface.cli import cli

    cli(prog_name="flagwright")


if __name__ == "__main__":
    main()
