"""A policy that says nothing that could ever count is a mistake, and is told."""

import pytest
from pydantic import ValidationError

from flagwright.core.wrapping.policy import WrappingPolicy


@pytest.mark.parametrize("field", ["pure_decorators", "pure_calls", "plain_bases"])
def test_a_name_that_can_match_nothing_is_an_error(field: str) -> None:
    with pytest.raises(ValidationError, match=r"'team_cached' can match nothing"):
        WrappingPolicy.model_validate({field: ["team_cached"]})


@pytest.mark.parametrize("name", ["property", "shop.cache.team_cached", "*.team_cached", "team_*"])
def test_a_name_says_where_it_comes_from_or_is_what_python_brings(name: str) -> None:
    assert WrappingPolicy(pure_decorators=(name,)).pure_decorators == (name,)
