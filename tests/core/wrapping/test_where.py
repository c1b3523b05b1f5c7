"""Where code asks for a flag, through whatever it is called there."""

from flagwright.core.wrapping.policy import WrappingPolicy
from flagwright.core.wrapping.where import all_checks, named, places

FLAG = "release.shop.mail"
FILES = {
    "names.py": b'from flags import client\nMAIL = "release.shop.mail"\n\n\ndef mails():\n'
    b"    return client.is_enabled(MAIL)\n",
    "user.py": b"from names import MAIL, mails\nfrom flags import client\n\n\ndef send():\n"
    b"    if mails():\n        return 1\n    return client.is_enabled(MAIL)\n",
    "plain.py": b"from flags import client\n\n\n# flag release.shop.mail: on\ndef new():\n"
    b'    return client.is_enabled("release.shop.mail")\n',
    "broken.py": b"def (:\n    release.shop.mail\n",
    "other.py": b'from flags import client\nclient.is_enabled("release.shop.mail-2")\n',
}


def found(what: str) -> list[str]:
    return [str(place) for place in places(FILES, FLAG) if place.what == what]


def test_a_check_is_found_through_constants_and_functions_that_only_ask() -> None:
    assert found("check") == ["names.py:6", "plain.py:6", "user.py:6", "user.py:8"]


def test_marks_and_mere_mentions_are_told_apart_and_a_longer_name_is_another_flag() -> None:
    assert found("mark") == ["plain.py:4"]
    assert found("name") == ["broken.py:2", "names.py:2"]


def test_every_flag_that_is_asked_for_by_its_name_is_listed() -> None:
    checks = all_checks(FILES)

    assert {name: [str(p) for p in at] for name, at in checks.items()} == {
        "release.shop.mail": ["plain.py:6"],
        "release.shop.mail-2": ["other.py:2"],
    }


def test_a_check_of_the_policys_own_shape_counts_whatever_it_sounds_like() -> None:
    policy = WrappingPolicy(check='peek("{flag}")')

    assert [str(p) for p in all_checks({"a.py": b'x = peek("a.b")\n'}, policy)["a.b"]] == ["a.py:1"]


def test_flags_are_named_as_whole_words() -> None:
    assert named(FILES, {FLAG, "release.shop.mail-2", "release.shop.ma"}) == {
        FLAG,
        "release.shop.mail-2",
    }
