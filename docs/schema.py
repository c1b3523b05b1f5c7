"""Make the JSON Schema of a policy, with the words of its own code for each setting."""

import ast
import inspect
import textwrap
from collections.abc import Iterator
from itertools import pairwise
from typing import Any, get_args

from pydantic import BaseModel

from flagwright.core.record import Record

DRAFT = "https://json-schema.org/draft/2020-12/schema"
RULE_KEYS = {"matches", "passes"}
"""A table that has these is a rule: it stands whole in one file, so what it requires is said."""


def schema(model: type[Record]) -> dict[str, Any]:
    """What an editor completes and checks.

    A file need not say everything: what it leaves out comes from the layer above.
    """
    made = model.model_json_schema()
    explained = {kind.__name__: dict(_explained(kind)) for kind in _records(model)}
    for name, part in {model.__name__: made, **made.get("$defs", {})}.items():
        words = explained.get(name.partition("[")[0], {})
        for setting, value in part.get("properties", {}).items():
            value.pop("title", None)
            if setting in words:
                value["description"] = words[setting]
        if not set(part.get("properties", {})) >= RULE_KEYS:
            part.pop("required", None)
    return {"$schema": DRAFT, **made}


def _records(model: type[BaseModel]) -> Iterator[type[BaseModel]]:
    """A model and all that its fields are made of."""
    yield from model.__mro__[:-1]
    waiting = [field.annotation for field in model.model_fields.values()]
    while waiting:
        kind = waiting.pop()
        if isinstance(kind, type) and issubclass(kind, BaseModel):
            yield from _records(kind)
        waiting += get_args(kind)


def _explained(model: type[BaseModel]) -> Iterator[tuple[str, str]]:
    """Each field with the string that stands below it, its bases' fields included."""
    for kind in reversed(model.__mro__):
        if not issubclass(kind, Record) or "[" in kind.__name__:
            continue
        (made,) = ast.parse(textwrap.dedent(inspect.getsource(kind))).body
        body = made.body if isinstance(made, ast.ClassDef) else []
        for field, below in pairwise(body):
            if isinstance(field, ast.AnnAssign) and isinstance(below, ast.Expr):
                name, text = ast.unparse(field.target), ast.literal_eval(below.value)
                alias = kind.model_fields[name].alias if name in kind.model_fields else None
                yield alias or name, inspect.cleandoc(text)
