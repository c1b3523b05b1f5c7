"""A flag ends when neither code nor an application asks for it, and stays ended, on each server."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from pydantic import SecretStr

from flagwright.assembly import open_workbench
from flagwright.core.rollout import Asked
from flagwright.errors import FlagDiffers, FlagUnknown
from flagwright.settings import Settings
from flagwright.workbench.bench import Workbench
from tests.contract.conftest import Server
from tests.contract.faults import flag
from tests.installation import ACTOR, git, shop

pytestmark = pytest.mark.anyio


def seen(server: Server, name: str, ago: timedelta) -> None:
    """Note that an application asked for a flag then; a real server notes that by and by."""
    at = f"'{(datetime.now(UTC) - ago).isoformat()}'"
    if server.kind == "embedded":
        place = f"flag = '{name}' AND environment = 'development'"
        server.sql(f"UPDATE flag_environment SET last_seen_at = {at} WHERE {place}")
        return
    server.sql(
        "INSERT INTO last_seen_at_metrics (feature_name, environment, last_seen_at)"
        f" VALUES ('{name}', 'development', {at}) ON CONFLICT (feature_name, environment)"
        " DO UPDATE SET last_seen_at = excluded.last_seen_at"
    )


async def test_a_flag_ends_when_nothing_asks_for_it_and_no_step_brings_it_back(
    server: Server, name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    spec, folder = flag(f"release.{name}"), shop(tmp_path / "shop")
    settings = Settings(
        flag_server=server.url,
        token=SecretStr(server.token),
        config_dir=tmp_path / "config",
        state_dir=tmp_path / "state",
        cache_dir=tmp_path / "cache",
    )
    late = folder / "late.py"
    async with open_workbench(settings) as bench:
        await bench.flags.create(spec, actor=ACTOR)

        async def held() -> tuple[str, ...]:
            return (await bench.flags.end(spec.name, "on", folder, actor=ACTOR)).held

        late.write_text(f'from flags import client\nclient.is_enabled("{spec.name}")\n')
        git(folder, "add", "-A")
        seen(server, spec.name, timedelta(hours=1))
        in_code = await held()
        late.unlink()
        git(folder, "add", "-A")
        in_use = await held()
        seen(server, spec.name, timedelta(days=2))

        assert in_code[0] == "code still has it: late.py:2"
        assert [words.partition(" asked")[0] for words in in_use] == [
            "an application in development"
        ]
        assert await held() == ()
        await _stays_ended(bench, spec.name)
        assert (await bench.ledger(limit=1)).entries[0].code == "flag-unknown"


async def _stays_ended(bench: Workbench, name: str) -> None:
    """Whatever is asked of it next."""
    with pytest.raises(FlagDiffers, match="archived"):
        await bench.flags.create(flag(name), actor=ACTOR)
    with pytest.raises(FlagUnknown, match="archived"):
        await bench.switching.switch(name, "development", "on", actor=ACTOR)
    with pytest.raises(FlagUnknown, match="archived"):
        await bench.switching.set_rollout(name, "development", Asked(percent=5), actor=ACTOR)
    known = (await bench.flags.one(name, None, entries=1)).detail
    assert (known.flag.archived, known.stage) == (True, "archived")
