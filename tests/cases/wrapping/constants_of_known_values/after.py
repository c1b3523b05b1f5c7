import logging
import os
import re
from datetime import timedelta
from pathlib import Path

RATES = (1, 2)
ALL_RATES = frozenset(RATES + (3,))
HERE = Path(__file__).parent / "rates"
DAY = timedelta(days=1) * 2
WORD = re.compile(r"\w+", re.ASCII | re.IGNORECASE)
LEVEL = logging.INFO + 1
REGION = os.environ.get("REGION", "eu")
Pair = dict[str, int | None]


def price(n):
    return n if n in ALL_RATES else 0
