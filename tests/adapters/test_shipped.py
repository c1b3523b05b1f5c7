"""What ships beside the code is found in order, and a mistake is named with its line."""

from pathlib import Path
from typing import Any, Literal

import pytest
from pydantic import Field

from flagwright.adapters.shipped import Own, Source, check_apart, load_policy, next_steps
from flagwright.adapters.shipped.prompt import prompt_files
from flagwright.adapters.shipped.toml import Key, line_of
from flagwright.core.approval import ApprovalPolicy
from flagwright.core.naming.policy import NamingPolicy
from flagwright.core.record import Record
from flagwright.core.risk.policy import RiskPolicy
from flagwright.core.wrapping.policy import WrappingPolicy
from flagwright.errors import PolicyInvalid


class Rule(Record):
    prefix: str
    days: int | None = Field(default=None, ge=1)


class Example(Record):
    band: Literal["low", "medium", "high"]
    weight: float = 1
    words: tuple[str, ...] = ()
    types: dict[str, Rule] = {}
    rules: tuple[Rule, ...] = ()


def write(config: Path, text: str | bytes, name: str = "policies/example.toml") -> Path:
    path = config / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


def load(config: Path, text: str | bytes) -> Example:
    write(config, text)
    return load_policy(Example, "example", Own(config)).policy


@pytest.mark.parametrize(
    ("model", "name"), [(NamingPolicy, "naming"), (ApprovalPolicy, "approval")]
)
def test_the_shipped_policies_load(model: type[Record], name: str) -> None:
    loaded = load_policy(model, name, Own())

    assert loaded.source.name == f"{name}.toml"
    assert len(loaded.digest) == 64


def test_the_users_own_policy_replaces_the_shipped_one(tmp_path: Path) -> None:
    shipped = load_policy(ApprovalPolicy, "approval", Own(tmp_path))
    text = shipped.source.read_text().replace('low = "out-of-band"', 'low = "dialog"')
    own = write(tmp_path, text, "policies/approval.toml")

    loaded = load_policy(ApprovalPolicy, "approval", Own(tmp_path))

    assert loaded.source == own
    assert loaded.policy.least_tier.low == "dialog"
    assert loaded.digest != shipped.digest


STRICTER = {
    "approval": (
        ApprovalPolicy,
        '[least_tier]\nhigh = "attested"\n',
        '[[examples]]\nband = "high"\nserver = "embedded"\nasks = "{}"\n',
        ("attested", "dialog"),
    ),
    "naming": (
        NamingPolicy,
        "max_chars = 20\n",
        'accepts = ["{}"]\n',
        ("release.tax", "release."),
    ),
    "wrapping": (
        WrappingPolicy,
        'documents = ["*.md"]\n',
        '[[examples]]\npath = "docs/notes.txt"\ntreatment = "{}"\n',
        ("not-controllable", "wrapped"),
    ),
}


@pytest.mark.parametrize("name", STRICTER)
def test_examples_hold_for_the_file_that_they_stand_in(name: str) -> None:
    """A stricter layer may contradict those above, which it cannot change, and never its own."""
    model, text, example, (right, wrong) = STRICTER[name]

    def examples(more: str = "") -> object:
        source = Source("repository", f"{name}.toml", f"{text}{more}")
        policy: Any = load_policy(model, name, Own(), repository={name: source}).policy
        return policy.accepts if name == "naming" else policy.examples

    assert examples() == ()
    assert examples(example.format(right))
    with pytest.raises(PolicyInvalid):
        examples(example.format(wrong))


def test_a_layer_that_only_takes_a_table_away_needs_no_examples(tmp_path: Path) -> None:
    """The examples above are of a file that it cannot change."""
    write(tmp_path, 'drop = ["types.sunset"]\n', "policies/naming.toml")

    policy = load_policy(NamingPolicy, "naming", Own(tmp_path)).policy

    assert "sunset" not in policy.types


@pytest.mark.parametrize(
    ("model", "name", "key"),
    [
        (NamingPolicy, "naming", "types"),
        (NamingPolicy, "naming", "types.release.prefix"),
        (RiskPolicy, "risk", "sensitive_path"),
    ],
)
def test_what_has_to_be_there_is_told_where_it_is_left_out(
    tmp_path: Path, model: Any, name: str, key: str
) -> None:
    own = write(tmp_path, f'\n\ndrop = ["{key}"]\n', f"policies/{name}.toml")

    with pytest.raises(PolicyInvalid) as refused:
        load_policy(model, name, Own(tmp_path))

    assert refused.value.fact == f"{own}:3 drop: {key} has to be there."
    assert refused.value.next_step == "Give it another value."


def test_a_layer_that_may_be_looser_does_not_hold_to_what_was_refused_above(tmp_path: Path) -> None:
    write(tmp_path, "pattern = '[a-z][a-zA-Z._]+'\n", "policies/naming.toml")

    assert load_policy(NamingPolicy, "naming", Own(tmp_path)).policy.rejects == ()


def test_nobody_is_sent_to_change_an_example_that_ships(tmp_path: Path) -> None:
    own = write(tmp_path, "[files.tests]\npath = '(^|/)checks/'\n", "policies/risk.toml")

    with pytest.raises(PolicyInvalid) as refused:
        load_policy(RiskPolicy, "risk", Own(tmp_path))

    assert f"{own} changes what it tries: write files.tests.matches" in refused.value.next_step


def test_a_layer_that_contradicts_itself_is_told_though_one_below_brings_examples_too(
    tmp_path: Path,
) -> None:
    write(
        tmp_path, 'max_chars = 20\naccepts = ["release.checkout.new-tax"]\n', "policies/naming.toml"
    )
    below = {"naming": Source("repository", "naming.toml", "max_chars = 15\n")}

    with pytest.raises(PolicyInvalid, match=r"policies/naming.toml:2 accepts \(number 1\)"):
        check_apart(NamingPolicy, "naming", Own(tmp_path), below)


def test_a_comment_changes_no_digest(tmp_path: Path) -> None:
    shipped = load_policy(ApprovalPolicy, "approval", Own())
    write(tmp_path, "# ours\n" + shipped.source.read_text(), "policies/approval.toml")

    assert load_policy(ApprovalPolicy, "approval", Own(tmp_path)).digest == shipped.digest


@pytest.mark.parametrize(
    ("text", "line", "found", "allowed"),
    [
        ('band = "low"\nwieght = 2\n', 2, "wieght", "Did you mean weight?"),
        (
            'band = "low"\n[types.a]\nprefix = "a"\ndays = 0\n',
            4,
            "days",
            "Write a whole number from 1.",
        ),
        ('band = "low"\n[types.a]\nprefix = "a"\n[types.b]\nprefx = "b"\n', 5, "prefx", "prefix"),
        ('band = "low"\n[types.a]\ndays = 1\n', 2, "types.a.prefix", "prefix"),
        ('\n\nband = "hihg"\n', 3, "hihg", "Did you mean high?"),
        ('band = "low"\nwords = [\n  "a",\n  2,\n]\n', 4, "words (number 2)", "Write a text"),
        (
            'band = "low"\n[[rules]]\nprefix = "a"\n[[rules]]\nprefix = 1\n',
            5,
            "rules (number 2)",
            "Write a text",
        ),
        (
            'band = "low"\nrules = [{ prefix = "a" }, { prefix = 1 }]\n',
            2,
            "rules (number 2)",
            "Write a text",
        ),
        ('band = "low"\nweight = "2"\n', 2, "weight", "Write a number."),
        ('band = "low"\nweight = \n', 2, "TOML", "syntax"),
        ('band = "low"\nwords = ["a"', 2, "TOML", "syntax"),
        ('band = "low"\nband = "low"\n', 2, "TOML", "syntax"),
        (b'band = "low"\n# \xff\n', 2, "UTF-8", "UTF-8"),
    ],
)
def test_a_mistake_is_named_with_file_line_and_what_is_allowed(
    tmp_path: Path, text: str | bytes, line: int, found: str, allowed: str
) -> None:
    with pytest.raises(PolicyInvalid) as caught:
        load(tmp_path, text)

    assert caught.value.code == "policy-invalid"
    assert f"example.toml:{line} " in caught.value.fact
    assert found in caught.value.fact
    assert allowed in caught.value.next_step


def test_every_mistake_is_named_at_once(tmp_path: Path) -> None:
    with pytest.raises(PolicyInvalid) as caught:
        load(tmp_path, 'band = "x"\nwieght = 1\nwords = 3\n')

    assert all(f"example.toml:{line} " in caught.value.fact for line in (1, 2, 3))


@pytest.mark.parametrize("text", ["x = " + "[" * 90_000, "#" * 262_145, "a = 1\n" * 3])
def test_a_bomb_is_refused_quickly(tmp_path: Path, text: str) -> None:
    with pytest.raises(PolicyInvalid):
        load(tmp_path, text)


def test_an_own_policy_that_cannot_be_read_is_no_reason_to_use_another(tmp_path: Path) -> None:
    (tmp_path / "policies").mkdir()
    (tmp_path / "policies" / "approval.toml").symlink_to(tmp_path / "gone.toml")

    with pytest.raises(PolicyInvalid):
        load_policy(ApprovalPolicy, "approval", Own(tmp_path))


TOML = '''# a comment
title = """
[not.a.table]
key = 1
"""
[a."b.c"]  # a header
x.y = 1

[[list]]
n = 1
[[list]]
n = 2
[list.sub]
m = 3
deep = { in = [
  1,
] }
'''


@pytest.mark.parametrize(
    ("key", "line"),
    [
        (("title",), 2),
        (("a", "b.c"), 6),
        (("a", "b.c", "x", "y"), 7),
        (("list", 0, "n"), 10),
        (("list", 1, "n"), 12),
        (("list", 1, "sub", "m"), 14),
        (("list", 1, "sub", "deep", "in", 0), 15),
        (("list", 1, "sub", "gone"), 13),
        (("gone",), 1),
    ],
)
def test_a_key_is_found_in_its_line(key: Key, line: int) -> None:
    assert line_of(TOML, key) == line


# --- prompts

PROMPT = """+++
name = "guard-change"
title = "Guard: a change"
description = "Score it, then wrap it."

[[arguments]]
name = "path"
description = "File that was changed"
required = true

[[arguments]]
name = "flag"
+++

Score {{path}} for {{flag}}.
"""


def test_a_prompt_is_read_with_its_arguments(tmp_path: Path) -> None:
    """What is wrong in one: tests/cases/broken_prompts.toml."""
    write(tmp_path, PROMPT, "prompts/guard-change.md")

    prompt = next(p for p in prompt_files(Own(tmp_path)) if p.name == "guard-change")

    assert prompt.title == "Guard: a change"
    assert [(a.name, a.required) for a in prompt.arguments] == [("path", True), ("flag", False)]
    assert prompt.text == "\nScore {{path}} for {{flag}}.\n"
    assert (prompt.line, [place.line for place in prompt.places()]) == (14, [15, 15])


@pytest.mark.parametrize("reader", ["assistant", "terminal"])
def test_own_next_steps_win_and_the_shipped_ones_fill_what_they_leave_out(
    tmp_path: Path, reader: str
) -> None:
    write(tmp_path, '[score]\nreuse = "Wrap {flags}."\n', f"prompts/next-steps-{reader}.toml")

    shipped, own = next_steps(reader, None), next_steps(reader, tmp_path)

    assert own == shipped | {"score.reuse": "Wrap {flags}."}
    assert len(own) == len(shipped)


@pytest.mark.parametrize("text", ['score = "x"\n', "\n[score]\nflag = 3\n"])
def test_a_next_step_is_a_sentence_of_a_step(tmp_path: Path, text: str) -> None:
    write(tmp_path, text, "prompts/next-steps-assistant.toml")

    with pytest.raises(PolicyInvalid) as caught:
        next_steps("assistant", tmp_path)

    assert f"next-steps-assistant.toml:{text.count(chr(10))} " in caught.value.fact
