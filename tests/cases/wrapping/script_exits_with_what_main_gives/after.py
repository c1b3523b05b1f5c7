"""Prices of a shop."""

import os
import sys


def main():
    print(os.name)
    return 3


if __name__ == "__main__":
    print("start")
    sys.exit(main())
