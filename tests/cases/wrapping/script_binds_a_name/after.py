"""Prices of a shop."""

import os


def main():
    print(os.name)
    return 3


if __name__ == "__main__":
    code = main()
    raise SystemExit(code)
