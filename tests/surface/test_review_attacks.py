"""What another site, an assistant with the address, and a hostile file try at the review page."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from flagwright.surface.review.markup import environment
from flagwright.surface.review.serving import page as serving
from flagwright.workbench.bench import Workbench
from tests.installation import ACTOR, AFTER, ASSISTANT, Installation, git, shop, spec

pytestmark = pytest.mark.anyio
FLAG = "release.shop.discount"


class Caller:
    """Talks HTTP to the page, as whoever it says it is."""

    def __init__(self, bench: Workbench, address: str, plan: str, digest: str) -> None:
        self.bench, self.address, self.plan, self.digest = bench, address, plan, digest
        self.origin = address[: address.index("/", 8)]
        self.http = httpx.AsyncClient(trust_env=False, timeout=10)

    async def get(self, place: str = "", **headers: str) -> httpx.Response:
        return await self.http.get(self.address + (place or f"/plans/{self.plan}"), headers=headers)

    async def post(self, place: str, data: dict[str, str], **headers: str) -> httpx.Response:
        sent = {"Origin": self.origin, "Sec-Fetch-Site": "same-origin"} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        sent = {name: value for name, value in sent.items() if value}
        return await self.http.post(self.address + place, data=data, headers=sent)

    async def sign_in(self) -> str:
        """Enter with the code of the terminal; the secret of the page's forms."""
        code = await self.bench.review.new_code(self.address)
        done = await self.post("/sign-in", {"code": code})
        assert done.status_code == 303
        text = (await self.get()).text
        return text.partition('name="form" value="')[2].partition('"')[0]

    def decision(self, form: str, **other: str) -> dict[str, str]:
        return {"form": form, "digest": self.digest, "choice": "apply"} | other

    async def decide(self, form: str, **headers: str) -> httpx.Response:
        return await self.post(f"/plans/{self.plan}/decide", self.decision(form), **headers)

    async def state(self) -> str:
        return (await self.bench.plans.one(self.plan))[1]


@asynccontextmanager
async def calling(home: Installation, folder: Path) -> AsyncIterator[Caller]:
    async with home.open() as bench:
        await bench.flags.create(spec(FLAG), actor=ACTOR)
        plan = (await bench.wrap(folder, FLAG, actor=ASSISTANT)).plan
        assert plan
        async with serving(bench) as (address, _):
            caller = Caller(bench, address, plan.id, plan.digest)
            yield caller
            await caller.http.aclose()


@pytest.fixture
async def caller(home: Installation, tmp_path: Path) -> AsyncIterator[Caller]:
    async with calling(home, shop(tmp_path / "shop")) as caller:
        yield caller


# --- A9: whoever has the address only


@pytest.mark.parametrize(
    "place",
    ["/", "/plans/{plan}", "/plans/{plan}/state", "/plans/{plan}/files/0",
     "/plans/{plan}/files/0/behaves"],
)  # fmt: skip
async def test_the_address_alone_shows_nothing(caller: Caller, place: str) -> None:
    answer = await caller.get(place.format(plan=caller.plan))

    assert answer.status_code == 401
    assert FLAG not in answer.text
    assert "discount" not in answer.text


async def test_the_address_alone_decides_nothing(caller: Caller) -> None:
    for form in ("", "x" * 43):
        answer = await caller.decide(form)
        assert answer.status_code == 403

    assert await caller.state() == "proposed"


async def test_a_cookie_that_nobody_was_given_lets_nobody_in(caller: Caller) -> None:
    form = await caller.sign_in()
    caller.http.cookies.clear()

    assert (await caller.get(Cookie="flagwright=" + "A" * 43)).status_code == 401
    assert (await caller.decide(form)).status_code == 403
    assert await caller.state() == "proposed"


async def test_the_address_holds_no_credential_and_the_code_stands_nowhere(
    caller: Caller, home: Installation
) -> None:
    code = await caller.bench.review.new_code(caller.address)
    held = [path.read_bytes() for path in home.home.rglob("*") if path.is_file()]

    assert code not in caller.address
    assert code not in (await caller.get()).text
    assert not [content for content in held if code.encode() in content]


async def test_another_pages_code_does_not_open_this_one(caller: Caller) -> None:
    code = await caller.bench.review.new_code(caller.address + "x")

    assert (await caller.post("/sign-in", {"code": code})).status_code == 403


async def test_guessing_is_over_after_five_tries(caller: Caller) -> None:
    code = await caller.bench.review.new_code(caller.address)
    for _ in range(5):
        await caller.post("/sign-in", {"code": "AAAAAA"})

    assert (await caller.post("/sign-in", {"code": code})).status_code == 403


# --- A8: another site in the person's own browser


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": ""},
        {"Origin": "http://127.0.0.1:1"},
        {"Sec_Fetch_Site": "cross-site"},
        {"Sec_Fetch_Site": "same-site"},
        {"Sec_Fetch_Site": "none"},
        {"Host": "evil.example"},
        {"Host": "localhost"},
        {"Host": "127.0.0.1"},
    ],
    ids=lambda headers: "-".join(*headers.items()),
)
async def test_a_form_of_another_site_decides_nothing(
    caller: Caller, headers: dict[str, str]
) -> None:
    form = await caller.sign_in()

    answer = await caller.decide(form, **headers)

    assert answer.status_code in (403, 421)
    assert await caller.state() == "proposed"


async def test_nothing_is_decided_by_a_link(caller: Caller) -> None:
    form = await caller.sign_in()
    query = httpx.QueryParams(caller.decision(form))

    answer = await caller.get(f"/plans/{caller.plan}/decide?{query}")

    assert answer.status_code == 405
    for method in ("PUT", "DELETE", "PATCH", "OPTIONS", "TRACE"):
        sent = await caller.http.request(method, caller.address + f"/plans/{caller.plan}/decide")
        assert sent.status_code == 405
    assert await caller.state() == "proposed"


@pytest.mark.parametrize("form", ["", "wrong", None])
async def test_a_form_without_the_pages_own_secret_decides_nothing(
    caller: Caller, form: str | None
) -> None:
    await caller.sign_in()
    data = caller.decision(form or "")
    if form is None:
        del data["form"]

    answer = await caller.post(f"/plans/{caller.plan}/decide", data)

    assert answer.status_code == 403
    assert await caller.state() == "proposed"


async def test_a_decision_about_another_text_than_the_one_shown_does_not_count(
    caller: Caller,
) -> None:
    form = await caller.sign_in()

    answer = await caller.post(
        f"/plans/{caller.plan}/decide", caller.decision(form, digest="0" * 64)
    )

    assert answer.status_code == 409
    assert await caller.state() == "proposed"


async def test_no_other_site_frames_reads_or_scripts_the_page(caller: Caller) -> None:
    await caller.sign_in()
    answer = await caller.get()
    policy = answer.headers["content-security-policy"]

    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert answer.headers["x-frame-options"] == "DENY"
    assert answer.headers["cache-control"] == "no-store"
    assert "access-control-allow-origin" not in answer.headers
    for destination in ("iframe", "image", "script"):
        headers = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "no-cors"}
        sent = await caller.get(**headers, **{"Sec-Fetch-Dest": destination})
        assert sent.status_code == 403
    link = {"Sec-Fetch-Site": "cross-site", "Sec-Fetch-Mode": "navigate"}
    assert (await caller.get(**link, **{"Sec-Fetch-Dest": "document"})).status_code == 200


async def test_the_cookie_is_for_this_page_alone(caller: Caller) -> None:
    code = await caller.bench.review.new_code(caller.address)
    given = (await caller.post("/sign-in", {"code": code})).headers["set-cookie"].lower()
    path = caller.address.removeprefix(caller.origin)

    assert "httponly" in given
    assert "samesite=strict" in given
    assert f"path={path.lower()}" in given
    assert len(path) > 6


async def test_it_leads_nowhere_else_after_the_code(caller: Caller) -> None:
    for to in ("http://evil.example/", "//evil.example/", f"{caller.address}//evil.example", "/x"):
        code = await caller.bench.review.new_code(caller.address)
        done = await caller.post("/sign-in", {"code": code, "to": to})
        assert done.headers["location"] == caller.address.removeprefix(caller.origin) + "/"


async def test_a_flood_is_refused_before_it_is_read(caller: Caller) -> None:
    answer = await caller.post("/sign-in", {"code": "A" * 20_000})

    assert answer.status_code == 413


# --- A10: a file that plays the page


HOSTILE: dict[str, Any] = {
    "a bidirectional mark": ("# \u202edevorppa\u202c", "\\u202e", "RIGHT-TO-LEFT OVERRIDE"),
    "a terminal escape": ("# \x1b[2Japproved", "\\x1b", "U+001B"),
    "a zero-width space": ("# pay\u200bment", "\\u200b", "ZERO WIDTH SPACE"),
    "a letter that looks like another": ("p\u0430y = 1", "U+0430", "CYRILLIC SMALL LETTER A"),
    "a word of strangers": ("# \u0440\u0430\u0443", "U+0440", "CYRILLIC SMALL LETTER ER"),
    "a wide letter": ("\uff50ay = 1", "U+FF50", "FULLWIDTH LATIN SMALL LETTER P"),
    "a wide space": ("# a\u3000b", "\\u3000", "IDEOGRAPHIC SPACE"),
}


@pytest.mark.parametrize("name", HOSTILE)
async def test_what_would_hide_in_a_file_is_shown(
    home: Installation, tmp_path: Path, name: str
) -> None:
    line, shown, told = HOSTILE[name]
    folder = shop(tmp_path / "shop")
    changed = AFTER.replace("    discount =", f"    {line}\n    discount =")
    (folder / "pricing.py").write_text(changed)
    async with calling(home, folder) as caller:
        await caller.sign_in()
        text = (await caller.get()).text

    assert shown in text
    assert told in text
    assert not {"\u202e", "\u202c", "\u200b", "\x1b", "\u3000"} & set(text)


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("p\u0430y.py", "p\u0430U+0430y.py"),
        ("a\u202eyp.exe", "a\\u202eyp.exe"),
        ("\x1b[2J", "\\x1b[2J"),
    ],
)
async def test_a_name_of_a_file_hides_nothing_either(name: str, shown: str) -> None:
    assert environment().from_string("{{ name|seen }}").render(name=name) == shown


async def test_markup_in_a_file_is_text(home: Installation, tmp_path: Path) -> None:
    folder = shop(tmp_path / "shop")
    evil = "    x = '</p><script>alert(1)</script><form id=decide>'\n    discount ="
    (folder / "pricing.py").write_text(AFTER.replace("    discount =", evil))
    async with calling(home, folder) as caller:
        await caller.sign_in()
        text = (await caller.get()).text
        fragment = (await caller.get(f"/plans/{caller.plan}/files/0/behaves")).text

    assert "<script>alert" not in text + fragment
    assert text.count("<form id=") == 1
    assert "&lt;script&gt;" in text


async def test_secrets_are_masked_and_that_is_said(home: Installation, tmp_path: Path) -> None:
    folder = shop(tmp_path / "shop")
    secret = "AKIA" + "Z7Q2M4X9K1L5P8R3"
    evil = f"    key, password = '{secret}', 'x'\n    discount ="
    (folder / "pricing.py").write_text(AFTER.replace("    discount =", evil))
    async with calling(home, folder) as caller:
        await caller.sign_in()
        whole = f"/plans/{caller.plan}/files/0"
        pages = [(await caller.get(place)).text for place in ("", whole, f"{whole}/behaves")]

    assert not [text for text in pages if secret in text]
    assert "1 value that looks like a secret is masked here" in pages[0]


async def test_a_line_of_a_policy_that_does_not_count_is_told_and_is_no_markup(
    home: Installation, tmp_path: Path
) -> None:
    folder = shop(tmp_path / "shop")
    policies = folder / ".flagwright" / "policies"
    policies.mkdir(parents=True)
    (policies / "naming.toml").write_text('"<b>" = 1\n')
    git(folder, "add", ".flagwright")
    git(folder, "commit", "-qm", "Policies", "--", ".flagwright")

    async with calling(home, folder) as caller:
        await caller.sign_in()
        text = (await caller.get()).text

    assert "naming.toml:1 &lt;b&gt; is no setting. That does not count" in text
    assert "<b> is no setting" not in text
