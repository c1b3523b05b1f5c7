"""The record names who started whom, down to the program that asked."""

import subprocess
import sys

from flagwright.adapters.programs import MOST, chain

ASK = "from flagwright.adapters.programs import chain; print(chain())"


def test_the_chain_begins_with_this_program_and_goes_on_with_who_started_it() -> None:
    command = ["sh", "-c", f'{sys.executable} -c "{ASK}"; true']
    told = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    names = told.split(" < ")

    assert names[0].startswith("python")
    assert names[1] in ("sh", "dash", "bash")
    assert len(names) <= MOST
    assert (chain() or "").split(" < ")[0] == names[2]
