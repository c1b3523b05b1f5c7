"""Work through every fault between us and a real Unleash, and say what came of it.

python -m benchmarks.faults [NAME...]
"""

import asyncio
import os
import sys
import tempfile
from pathlib import Path

from tests.contract.faults import CALL_S, FAULTS, suffer
from tests.contract.real_unleash import start
from tests.installation import shop


async def main(names: list[str]) -> int:
    server = start()
    wrong = 0
    try:
        print("fault                  longest  lost  twice  leaks  calls")
        for name in names or [*FAULTS, "redirect"]:
            with tempfile.TemporaryDirectory() as folder:
                os.environ["HOME"] = folder
                home, repository = Path(folder) / "home", shop(Path(folder) / "shop")
                seen = await suffer(server.url, server.token, name, home, repository)
            calls = "  ".join(f"{call} {took:.2f} {code}" for call, took, code in seen.calls)
            print(
                f"{name:<22} {seen.longest_s:>5.2f} s  {seen.lost:>4}  {seen.twice:>5}"
                f"  {seen.leaks:>5}  {calls}  {seen.placed} {' '.join(seen.wrong)}",
                flush=True,
            )
            wrong += bool(seen.lost or seen.twice or seen.leaks or seen.wrong)
            wrong += seen.placed != (True, ("25",))
            wrong += seen.longest_s > CALL_S
    finally:
        server.stop()
    print(f"{wrong} of {len(names) or len(FAULTS) + 1} wrong or over {CALL_S} s")
    return wrong


if __name__ == "__main__":
    sys.exit(asyncio.run(main(sys.argv[1:])) > 0)
