"""Find the locals of a function that hold the answer of one flag."""

import ast
from collections.abc import Collection, Mapping
from functools import lru_cache

import libcst as cst

from flagwright.core.wrapping.sound import asked_flag
from flagwright.core.wrapping.usage import KINDS, more_than_answers
from flagwright.core.wrapping.visitor import Visitor

_SCOPES = (cst.FunctionDef, cst.ClassDef, cst.Lambda)
_LOOKS = {"locals": 0, "vars": 0, "dir": 0, "eval": 1, "exec": 1}
"""What shows a function its own locals, by the most arguments with which it does."""


def asks(node: cst.CSTNode, flag: str, spelled: Collection[str] = ()) -> bool:
    """Whether a call or look-up asks for this flag; only what names it is read at all.

    Args:
        spelled: Other ways in which this file names the flag, such as `Flags.NEW_TAX`.
    """
    match node:
        case cst.Call(args=args):
            values: list[cst.CSTNode] = [arg.value for arg in args]
        case cst.Subscript(slice=[cst.SubscriptElement(slice=cst.Index(value=value))]):
            values = [value]
        case _:
            return False
    names = next((v for v in values if _is_name(v, flag, spelled)), None)
    if names is None:
        return False
    if not isinstance(names, cst.SimpleString):
        replaced = node.deep_replace(names, cst.SimpleString(repr(flag)))
        assert isinstance(replaced, cst.CSTNode)
        node = replaced
    tree = ast.parse(f"({cst.Module([]).code_for_node(node)})", mode="eval")
    return asked_flag(tree.body) == flag


def _is_name(node: cst.CSTNode, flag: str, spelled: Collection[str]) -> bool:
    if isinstance(node, cst.SimpleString):
        return node.raw_value == flag
    is_dotted = isinstance(node, cst.Name | cst.Attribute)
    return bool(spelled) and is_dotted and cst.Module([]).code_for_node(node) in spelled


@lru_cache(maxsize=256)
def held(
    function: cst.FunctionDef, flag: str, spelled: tuple[str, ...] = ()
) -> tuple[Mapping[str, bool], frozenset[str], tuple[cst.CSTNode, ...]]:
    """Locals of a function that are bound once, to the answer or to its opposite.

    Returns:
        Whether each such local is true when the flag is on, every name that the function
        binds, and the values of locals that are used as more than an answer.
    """
    collector = _Bindings()
    function.body.visit(collector)
    function.params.visit(collector)
    found = {}
    for name, value in collector.values:
        if collector.counts.get(name) != 1 or name in collector.elsewhere | collector.more:
            continue
        negated = isinstance(value, cst.UnaryOperation) and isinstance(value.operator, cst.Not)
        inner = value.expression if isinstance(value, cst.UnaryOperation) and negated else value
        inner = inner.expression if isinstance(inner, cst.Await) else inner
        if not collector.looks and asks(inner, flag, spelled):
            found[name] = not negated
    more = tuple(value for name, value in collector.values if name in collector.more)
    return found, frozenset(collector.counts), more


class _Bindings(Visitor):
    """Counts how often a function binds each name, and keeps what assignments bind to it."""

    def __init__(self) -> None:
        super().__init__()
        self.counts: dict[str, int] = {}
        self.values: list[tuple[str, cst.BaseExpression]] = []
        self.elsewhere: set[str] = set()
        """Names that a class or lambda inside binds for itself, or an inner function anew."""
        self.more: set[str] = set()
        """Names that are used as more than an answer."""
        self.looks = False
        """Whether the function looks at its own locals."""
        self._around: list[cst.CSTNode] = []

    def on_visit(self, node: cst.CSTNode) -> bool:
        if type(node) in KINDS:
            self.more.update(p.value for p in more_than_answers(node) if isinstance(p, cst.Name))
        goes_on = super().on_visit(node)
        if isinstance(node, _SCOPES):
            self._around.append(node)
        return goes_on

    def on_leave(self, original_node: cst.CSTNode) -> None:
        if isinstance(original_node, _SCOPES):
            self._around.pop()
        super().on_leave(original_node)

    def _bind(self, node: cst.CSTNode | None) -> None:
        if isinstance(node, cst.Name):
            if not self._around:
                self.counts[node.value] = self.counts.get(node.value, 0) + 1
            elif not isinstance(self._around[-1], cst.FunctionDef):
                self.elsewhere.add(node.value)
        elif isinstance(node, cst.Tuple | cst.List):
            for element in node.elements:
                self._bind(element.value)
        elif isinstance(node, cst.StarredElement):
            self._bind(node.value)

    def visit_Assign(self, node: cst.Assign) -> None:
        if (name := assigned_name(node)) and not self._around:
            self.values.append((name, node.value))

    def visit_AnnAssign(self, node: cst.AnnAssign) -> None:
        self._bind(node.target)
        if (name := assigned_name(node)) and node.value and not self._around:
            self.values.append((name, node.value))

    def visit_AssignTarget(self, node: cst.AssignTarget) -> None:
        self._bind(node.target)

    def visit_AugAssign(self, node: cst.AugAssign) -> None:
        self._bind(node.target)

    def visit_NamedExpr(self, node: cst.NamedExpr) -> None:
        self._bind(node.target)
        if isinstance(node.target, cst.Name):
            if self._around:
                self.elsewhere.add(node.target.value)
            else:
                self.values.append((node.target.value, node.value))

    def visit_For(self, node: cst.For) -> None:
        self._bind(node.target)

    def visit_CompFor(self, node: cst.CompFor) -> None:
        self._bind(node.target)

    def visit_AsName(self, node: cst.AsName) -> None:
        self._bind(node.name)

    def visit_ImportAlias(self, node: cst.ImportAlias) -> None:
        if node.asname is None:
            self._bind(cst.Name(node.evaluated_name.partition(".")[0]))

    def visit_Param(self, node: cst.Param) -> None:
        if not self._around:
            self._bind(node.name)

    def visit_MatchAs(self, node: cst.MatchAs) -> None:
        self._bind(node.name)

    def visit_MatchStar(self, node: cst.MatchStar) -> None:
        self._bind(node.name)

    def visit_MatchMapping(self, node: cst.MatchMapping) -> None:
        self._bind(node.rest)

    def visit_NameItem(self, node: cst.NameItem) -> None:
        for _ in range(2):
            self._bind(node.name)

    def visit_Nonlocal(self, node: cst.Nonlocal) -> None:
        if self._around:
            self.elsewhere.update(item.name.value for item in node.names)

    def visit_Del(self, node: cst.Del) -> None:
        self._bind(node.target)

    def visit_Call(self, node: cst.Call) -> None:
        name = node.func.value if isinstance(node.func, cst.Name) else ""
        self.looks |= name in _LOOKS and len(node.args) <= _LOOKS[name]

    def visit_FunctionDef(self, node: cst.FunctionDef) -> None:
        self._bind(node.name)

    def visit_ClassDef(self, node: cst.ClassDef) -> None:
        self._bind(node.name)


def assigned_name(node: cst.CSTNode) -> str | None:
    """The one plain name that an assignment binds."""
    match node:
        case cst.Assign(targets=[cst.AssignTarget(target=cst.Name(value=name))]):
            return str(name)
        case cst.AnnAssign(target=cst.Name(value=name), value=cst.BaseExpression()):
            return str(name)
        case _:
            return None


def parameter_names(parameters: cst.Parameters) -> set[str]:
    """The names that a lambda binds."""
    collected = [*parameters.posonly_params, *parameters.params, *parameters.kwonly_params]
    starred = (parameters.star_arg, parameters.star_kwarg)
    every = (*collected, *(p for p in starred if isinstance(p, cst.Param)))
    return {parameter.name.value for parameter in every}
