"""Tell whether an attribute of a class may have the value of either version at each read.

What is looked up then is asked for the flag. So nothing may look while the class is made, or
come upon what asks itself, and each of the two values must stay as it is.
"""

import ast
from collections.abc import Iterator

from flagwright.core.wrapping.dormant.family import why_not_quiet
from flagwright.core.wrapping.dormant.heads import below
from flagwright.core.wrapping.dormant.making import is_special
from flagwright.core.wrapping.dormant.members import Members, is_private
from flagwright.core.wrapping.dormant.met import lister_of
from flagwright.core.wrapping.dormant.typed import is_untyped
from flagwright.core.wrapping.dormant.values import binds_to_nothing
from flagwright.core.wrapping.effect import FUNCTIONS, last_name
from flagwright.core.wrapping.linking import tree_of
from flagwright.core.wrapping.reach import may_be_two
from flagwright.core.wrapping.tree import nodes

_SHOWING = (b"__dict__", b"getattr_static", b"vars(", b"__mro__", b"mro(")
"""What may give the object that stands in a class, and not what it gives."""
_SETTING = ("setattr", "delattr", "__setattr__", "__delattr__")
Value = ast.Assign | ast.AnnAssign


class Switching(Members):
    """Judges the values of classes of one version of one file."""

    def keeps_one_value(self, node: ast.stmt, owner: ast.ClassDef) -> str | None:
        """Why an attribute cannot be switched at each read; none where it can.

        Args:
            node: The statement that gives it the value of this version.
            owner: The class, in either version.
        """
        assert isinstance(node, Value)
        name = _name(node)
        own = self._origins.own_class(ast.Name(owner.name, ast.Load()))
        if own is None or own not in self._tree.body:
            return "its class does not stand at the top of the file, once"
        return (
            self._why_its_value(node, name, own)
            or self._why_its_class(name, own)
            or self._why_its_readers(node, name)
        )

    def _why_its_value(self, node: Value, name: str, owner: ast.ClassDef) -> str | None:
        if is_special(name) or is_private(name):
            return "Python looks for its name in its own way"
        if any(f"{name}_off" in _words(part) for part in nodes(self._tree)):
            return f"the file has a `{name}_off` already"
        if not self._is_constant(node, owner):
            return "its value is computed when the file is imported"
        if node.value is None or not binds_to_nothing(node.value, self._origins.inside(owner)):
            return "its value may be a function, or one that is asked for what it is"
        if sum(name in _bound(part) for part in _at_once(owner)) != 1:
            return "the body of the class binds it more than once"
        if any(
            isinstance(p, ast.Name) and p.id == name and isinstance(p.ctx, ast.Load)
            for p in _at_once(owner)
        ):
            return "the body of the class reads it"
        if isinstance(node, ast.AnnAssign) and not self.is_untyped(owner):
            return "the types of the class may be read"
        return None

    def is_untyped(self, owner: ast.ClassDef) -> bool:
        """Whether nobody reads the annotations of a class of the file, in any state."""
        return all(is_untyped(owner, bases, self._policy) for bases in self._elsewhere)

    def _why_its_class(self, name: str, owner: ast.ClassDef) -> str | None:
        if owner.decorator_list or self.is_compared(owner):
            return "the class is made by more than its own body"
        if self._lists(owner):
            return "the file lists the members of classes"
        for bases in self._elsewhere:
            family = {owner.name} | below(bases.modules, owner.name)
            if path := bases.texts.lists(family):
                return f"{path} looks up members of it"
            if path := lister_of(owner.name, bases):
                return f"{path} hands the class to what lists its members"
            if because := why_not_quiet(owner.name, name, bases):
                return because
        return None

    def _why_its_readers(self, node: Value, name: str) -> str | None:
        """Why two values would not do for those who use them, in this state of the repository."""
        word = name.encode()
        for bases in self._elsewhere:
            for path, text in bases.looking.items():
                if word not in text:
                    continue
                tree = tree_of(text)
                if tree is None:
                    return f"{path} cannot be read"
                shows = any(word in text for word in _SHOWING)
                if because := _why_not_two(node, name, tree, shows=shows):
                    return f"{path} {because}"
        return None


def _why_not_two(node: Value, name: str, tree: ast.Module, *, shows: bool) -> str | None:
    used = {id(n) for n in nodes(tree) if isinstance(n, ast.Attribute) and n.attr == name}
    for part in nodes(tree):
        match part:
            case ast.Constant(value=value) if value == name and shows:
                return "looks for it in a class itself"
            case ast.Attribute(attr=word, value=value, ctx=ast.Store() | ast.Del()):
                if word == name and getattr(value, "id", "") != "self":
                    return "sets it in another way than on its own object"
            case ast.AugAssign(target=ast.Attribute(attr=word)) if word == name:
                return "adds to it"
            case ast.Call(func=func, args=[_, ast.Constant(value=word), *_]):
                if last_name(func) in _SETTING and word == name:
                    return "sets it by its name"
            case _:
                pass
    loads = {id(n) for n in nodes(tree) if id(n) in used and isinstance(n.ctx, ast.Load)}  # type: ignore[attr-defined] # attributes
    return None if may_be_two(node, loads, tree) else "may change the value itself"


def _name(node: Value) -> str:
    target = node.targets[0] if isinstance(node, ast.Assign) else node.target
    return target.id if isinstance(target, ast.Name) else ""


def _words(node: ast.AST) -> Iterator[object]:
    """Names and texts of a node."""
    yield from (getattr(node, part, None) for part in ("id", "attr", "arg", "name", "value"))


def _at_once(owner: ast.ClassDef) -> Iterator[ast.AST]:
    """All that runs, or is bound, while a class is made; bodies of functions do not."""
    waiting: list[ast.AST] = [*owner.body]
    while waiting:
        node = waiting.pop()
        yield node
        if isinstance(node, FUNCTIONS):
            waiting += [*node.decorator_list, node.args, *filter(None, [node.returns])]
        elif isinstance(node, ast.Lambda):
            waiting.append(node.args)
        else:
            waiting += ast.iter_child_nodes(node)


def _bound(node: ast.AST) -> set[str]:
    match node:
        case ast.Name(id=name, ctx=ast.Store() | ast.Del()):
            return {name}
        case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name) | ast.ClassDef(name=name):
            return {name}
        case ast.alias(name=name, asname=other):
            return {other or name.partition(".")[0]}
        case ast.Global(names=names) | ast.Nonlocal(names=names):
            return {*names, *names}
        case ast.MatchAs(name=str(name)) | ast.MatchStar(name=str(name)):
            return {name}
        case ast.ExceptHandler(name=str(name)) | ast.MatchMapping(rest=str(name)):
            return {name}
        case _:
            return set()
