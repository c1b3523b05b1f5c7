"""Kill a person's processes at random moments, and say what was lost, doubled or not recorded.

python -m benchmarks.kill --rounds 200
"""

import argparse
import os
import sys
import tempfile
from pathlib import Path

from tests.installation import shop
from tests.workbench.killing import kill_at_random


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=200)
    parser.add_argument("--seed", type=int, default=1)
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        home = Path(folder) / "home"
        home.mkdir()
        os.environ["HOME"] = str(home)
        os.environ.pop("XDG_CONFIG_HOME", None)
        left = kill_at_random(home, shop(Path(folder) / "shop"), **vars(asked))
    told = ", ".join(f"{count} {what}" for what, count in sorted(left.acknowledged.items()))
    print(f"{left.lives} lives; answered: {told}; {left.entries} entries")
    print(
        f"{len(left.lost)} lost, {len(left.twice)} twice, {len(left.unrecorded)} unrecorded, "
        f"{len(left.wrong)} wrong"
    )
    for line in [*left.lost, *left.twice, *left.unrecorded, *left.wrong][:20]:
        print(f"  {line}")
    return 0 if left.is_good else 1


if __name__ == "__main__":
    sys.exit(main())
