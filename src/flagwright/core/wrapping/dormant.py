"""Tell what runs nothing when its file is imported, so that it may stand there unused.

New definitions of this kind need no guard: only guarded code reaches them. Deleted ones
of this kind may be kept for the old code.
"""

import ast
import builtins
from collections.abc import Iterable

from flagwright.core.wrapping.effect import Function, has_no_effect, last_name
from flagwright.core.wrapping.policy import WrappingPolicy
from flagwright.core.wrapping.refusal import refuse


class Dormancy:
    """Judges the statements of one version of one file."""

    def __init__(self, policy: WrappingPolicy, tree: ast.Module, *others: ast.Module) -> None:
        """`others` are other versions of the file, which may set what is a property here."""
        self._policy = policy
        self._set = {
            node.attr
            for version in (tree, *others)
            for node in ast.walk(version)
            if isinstance(node, ast.Attribute) and not isinstance(node.ctx, ast.Load)
        }
        self._classes = {n.name: n for n in tree.body if isinstance(n, ast.ClassDef)}
        self._bound = {name for node in tree.body for name in _bound_by(node)}
        self._modules = {
            alias.asname or alias.name.partition(".")[0]
            for node in ast.walk(tree)
            if isinstance(node, ast.Import)
            for alias in node.names
        }

    def check(self, node: ast.stmt, owner: ast.ClassDef | None) -> None:
        """Refuse a definition or constant that does something at import.

        Args:
            owner: The class whose body the statement stands in.

        Raises:
            CannotWrap: `import-time`, `class-body` or `decorator`.
        """
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                self._check_function(node)
                if owner:
                    self._check_method(node, owner)
                elif _is_special(node.name):
                    because = f"`{node.name}` of a module is called by Python itself"
                    raise refuse(node.lineno, "import-time", because)
            case ast.ClassDef():
                self._check_class(node)
            case _ if owner:
                raise refuse(node.lineno, "class-body", f"the body of `{owner.name}` changes")
            case _ if self.is_constant(node):
                pass
            case _:
                because = f"`{_short(node)}` runs when the file is imported"
                raise refuse(node.lineno, "import-time", because)

    def is_constant(self, node: ast.stmt) -> bool:
        """Whether a statement gives a new name to a value that nobody else sees."""
        match node:
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                return not _is_special(name) and self.is_pure(value)
            case ast.AnnAssign(target=ast.Name(id=name), value=ast.expr() as value):
                return (
                    not _is_special(name) and self.is_pure(value) and self.is_pure(node.annotation)
                )
            case _:
                return False

    def is_pure(self, node: ast.expr) -> bool:
        """Whether evaluating an expression changes nothing."""
        match node:
            case ast.Constant() | ast.Name():
                return True
            case ast.Attribute(value=value) | ast.Starred(value=value):
                return self.is_pure(value)
            case ast.Lambda(args=args):
                return all(self.is_pure(d) for d in (*args.defaults, *args.kw_defaults) if d)
            case ast.Call(func=func, args=args, keywords=keywords):
                return self._is_pure_function(func) and all(
                    map(self.is_pure, [*args, *(k.value for k in keywords)])
                )
            case ast.Subscript(value=value, slice=index):
                return _is_generic(value) and self.is_pure(index)
            case (
                ast.Tuple()
                | ast.List()
                | ast.Set()
                | ast.Dict()
                | ast.UnaryOp()
                | ast.BinOp()
                | ast.BoolOp()
                | ast.Compare()
                | ast.IfExp()
                | ast.JoinedStr()
                | ast.FormattedValue()
                | ast.Slice()
            ):
                parts = ast.iter_child_nodes(node)
                return all(self.is_pure(part) for part in parts if isinstance(part, ast.expr))
            case _:
                return False

    def _is_pure_function(self, node: ast.expr) -> bool:
        """A builtin counts by its bare name only: `token.set(1)` is not `set(1)`."""
        name = last_name(node)
        if hasattr(builtins, name or "") and (
            not isinstance(node, ast.Name) or name in self._bound
        ):
            return False
        return name in self._policy.pure_calls

    def _check_function(self, node: Function) -> None:
        for decorator in node.decorator_list:
            if not self._is_pure_decorator(decorator):
                because = f"the decorator of `{node.name}` runs when the file is imported"
                raise refuse(node.lineno, "decorator", because)
        arguments = node.args
        values: Iterable[ast.expr | None] = (
            *arguments.defaults,
            *arguments.kw_defaults,
            *(arg.annotation for arg in ast.walk(arguments) if isinstance(arg, ast.arg)),
            node.returns,
        )
        if not all(self.is_pure(value) for value in values if value):
            because = f"a default of `{node.name}` is computed when the file is imported"
            raise refuse(node.lineno, "import-time", because)

    def _check_method(self, node: Function, owner: ast.ClassDef) -> None:
        """A method is dormant only where no base can have one of this name."""
        if _is_special(node.name):
            because = f"`{node.name}` of `{owner.name}` is called by Python itself"
            raise refuse(node.lineno, "class-body", because)
        if {"__getattr__", "__getattribute__"} & _bound_in(owner):
            because = f"`{owner.name}` looks up unknown names such as `{node.name}` by itself"
            raise refuse(node.lineno, "class-body", because)
        if node.decorator_list and node.name in self._set:
            because = f"`{node.name}` is also set as an attribute, which a property would forbid"
            raise refuse(node.lineno, "class-body", because)
        if owner.decorator_list and not all(map(self._is_pure_decorator, owner.decorator_list)):
            because = f"a decorator of `{owner.name}` may use `{node.name}`"
            raise refuse(node.lineno, "class-body", because)
        if not self._bases_lack(owner, node.name, set()):
            because = f"`{node.name}` may override a method that `{owner.name}` inherits"
            raise refuse(node.lineno, "class-body", because)

    def _bases_lack(self, owner: ast.ClassDef, name: str, seen: set[str]) -> bool:
        if owner.keywords:
            return False
        for base in owner.bases:
            known = last_name(base) or ""
            if known in self._classes and known not in seen:
                found = self._classes[known]
                if name in _bound_in(found) or not self._bases_lack(found, name, seen | {known}):
                    return False
            elif not self._is_known_to_lack(base, name):
                return False
        return True

    def _is_known_to_lack(self, base: ast.expr, name: str) -> bool:
        """Whether a base from elsewhere is one that Python brings, without this method."""
        found = _builtin_base(base)
        if found is not None:
            return not hasattr(found, name)
        return last_name(base) in {"ABC", "Protocol", "Generic"}

    def _check_class(self, node: ast.ClassDef) -> None:
        if not all(map(self._is_pure_decorator, node.decorator_list)):
            because = f"a decorator of `{node.name}` runs when the file is imported"
            raise refuse(node.lineno, "decorator", because)
        metaclass_only = all(
            k.arg == "metaclass" and last_name(k.value) == "ABCMeta" for k in node.keywords
        )
        if not all(map(self._is_plain_base, node.bases)) or not metaclass_only:
            because = f"a base of `{node.name}` may act when the class is made"
            raise refuse(node.lineno, "import-time", because)
        for statement in node.body:
            self._check_class_statement(statement, node)

    def _check_class_statement(self, node: ast.stmt, owner: ast.ClassDef) -> None:
        match node:
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                local = _bound_in(owner)
                rest = [d for d in node.decorator_list if not _is_accessor(d, local)]
                bare = ast.copy_location(_with_decorators(node, rest), node)
                self._check_function(bare)
            case ast.ClassDef():
                self._check_class(node)
            case ast.AnnAssign(value=None):
                pass
            case _ if has_no_effect(node) or _is_slots(node) or self.is_constant(node):
                pass
            case _:
                raise refuse(node.lineno, "import-time", f"the body of `{owner.name}` runs code")

    def _is_pure_decorator(self, node: ast.expr) -> bool:
        arguments = (
            [*node.args, *(k.value for k in node.keywords)] if isinstance(node, ast.Call) else []
        )
        named = node.func if isinstance(node, ast.Call) else node
        return (
            last_name(node) in self._policy.pure_decorators
            and self._is_from_elsewhere(named)
            and all(map(self.is_pure, arguments))
        )

    def _is_from_elsewhere(self, node: ast.expr) -> bool:
        """Whether a name comes from a module or from Python, not from this file's own objects."""
        match node:
            case ast.Name(id=name):
                return name not in self._bound
            case ast.Attribute(value=ast.Name(id=root)):
                return root in self._modules
            case _:
                return False

    def _is_plain_base(self, node: ast.expr) -> bool:
        name = last_name(node) or ""
        if name in self._classes:
            base = self._classes[name]
            quiet = not {"__init_subclass__", "__class_getitem__"} & _bound_in(base)
            return (
                quiet
                and not base.keywords
                and all(last_name(b) != name and self._is_plain_base(b) for b in base.bases)
            )
        return name in self._policy.plain_bases or _builtin_base(node) is not None


def _bound_by(node: ast.stmt) -> set[str]:
    """Names that a statement of the module defines itself, imports aside."""
    match node:
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return {name}
        case ast.Assign() | ast.AnnAssign() | ast.AugAssign():
            return {
                n.id
                for n in ast.walk(node)
                if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)
            }
        case _:
            return set()


def _is_generic(node: ast.expr) -> bool:
    """Whether a subscript of this reads as a type: `dict[...]`, `Callable[...]`; no constant."""
    name = last_name(node) or ""
    found = getattr(builtins, name, None) if isinstance(node, ast.Name) else None
    return isinstance(found, type) or (
        name[:1].isupper() and not (len(name) > 1 and name.isupper())
    )


def _builtin_base(node: ast.expr) -> type | None:
    """`object` or an exception that Python itself brings."""
    found = getattr(builtins, node.id, None) if isinstance(node, ast.Name) else None
    if isinstance(found, type) and (found is object or issubclass(found, BaseException)):
        return found
    return None


def _bound_in(owner: ast.ClassDef) -> set[str]:
    """Names that a class body binds, and attributes that its methods set on `self`."""
    found: set[str] = set()
    for node in ast.walk(owner):
        match node:
            case (
                ast.FunctionDef(name=name)
                | ast.AsyncFunctionDef(name=name)
                | ast.ClassDef(name=name)
            ):
                found.add(name)
            case ast.Name(id=name, ctx=ast.Store()) | ast.Attribute(attr=name, ctx=ast.Store()):
                found.add(name)
            case _:
                pass
    return found


def _with_decorators(node: Function, decorators: list[ast.expr]) -> Function:
    fields = dict(ast.iter_fields(node)) | {"decorator_list": decorators}
    return type(node)(**fields)


def _is_accessor(node: ast.expr, local: set[str]) -> bool:
    """`@name.setter` and its kind, for a property of the same class."""
    return (
        isinstance(node, ast.Attribute)
        and node.attr in {"setter", "getter", "deleter"}
        and isinstance(node.value, ast.Name)
        and node.value.id in local
    )


def _is_slots(node: ast.stmt) -> bool:
    match node:
        case ast.Assign(targets=[ast.Name(id="__slots__")], value=value):
            return all(
                isinstance(n, ast.Tuple | ast.List | ast.Constant | ast.Load)
                for n in ast.walk(value)
            )
        case _:
            return False


def _is_special(name: str) -> bool:
    return name.startswith("__") and name.endswith("__")


def _short(node: ast.stmt) -> str:
    first = ast.unparse(node).split("\n", 1)[0]
    return first if len(first) <= 60 else first[:57] + "..."
