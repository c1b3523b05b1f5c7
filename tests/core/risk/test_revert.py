from flagwright.core.risk.revert import taken_back

A, B, C, D = "a" * 40, "b" * 40, "c" * 40, "d" * 40


def test_a_commit_is_taken_back_by_its_name_however_short() -> None:
    assert taken_back({B: f"Undo\n\nThis reverts commit {A}.", A: "feat: x"}) == {A}
    assert taken_back({B: "undo\n\nReverts aaaaaaaa, it was slow", A: "feat: x"}) == {A}
    assert taken_back({B: f"This reverts commit {C}.", A: "feat: x"}) == set()


def test_a_commit_is_taken_back_by_its_pull_request_or_its_title() -> None:
    squashed = {C: 'Revert "feat: x (#7)" (#9)', B: "fix: y (#8)", A: "feat: x (#7)"}
    merged = {C: "Undo\n\nReverts shop/cart#7", B: "Merge pull request #7 from me/x", A: "feat: x"}
    titled = {D: 'Revert "go fast"', C: "go fast", B: "mend", A: "go fast"}

    assert taken_back(squashed) == {A}
    assert taken_back(merged) == {B}
    assert taken_back(titled) == {C}


def test_a_later_commit_takes_back_and_never_an_earlier_one() -> None:
    assert taken_back({B: "go fast", A: 'Revert "go fast"'}) == set()
    assert taken_back({C: 'Revert "Revert "x""', B: 'Revert "x"', A: "x"}) == {A, B}
