"""Tell which values are the same however an object of their class is asked for them.

A function that is an attribute of a class becomes a method of who is asked; a list or a number
does not.
"""

import ast
from fnmatch import fnmatchcase

from flagwright.core.wrapping.dormant.origin import Origins

_DISPLAYS = (
    ast.Constant | ast.JoinedStr | ast.Compare
    | ast.List | ast.Tuple | ast.Dict | ast.Set
    | ast.ListComp | ast.SetComp | ast.DictComp
)  # fmt: skip
_PLAIN = (
    "re.compile", "re.escape", "decimal.Decimal", "fractions.Fraction", "datetime.*", "uuid.UUID",
    "pathlib.*Path", "collections.OrderedDict", "collections.defaultdict", "collections.Counter",
    "collections.deque", "types.MappingProxyType", "textwrap.dedent", "inspect.cleandoc",
    "os.getenv", "os.environ.get", "os.path.*", "string.Template", "struct.Struct",
    "logging.getLogger", "str.maketrans", "bytes.maketrans", "len", "sorted", "abs", "round",
    "ord", "chr", "weakref.Weak*",
)  # fmt: skip
"""What gives a value of Python's own that is no descriptor."""


def binds_to_nothing(node: ast.expr, origins: Origins) -> bool:
    """Whether a value in the body of a class certainly is what its objects have, too."""
    match node:
        case ast.Name():
            return _is_plain_name(node, origins)
        case ast.Attribute(attr=name):
            return origins.is_of_python(node) and name.isupper()
        case ast.Call(func=ast.Attribute(value=ast.Constant() | ast.JoinedStr())):
            return True
        case ast.Call(func=func):
            made = origins.builtin(func)
            plain = isinstance(made, type) and not hasattr(made, "__get__") and made is not super
            return plain or any(fnmatchcase(o, p) for o in origins.of(func) for p in _PLAIN)
        case ast.BinOp(left=left, right=right):
            return binds_to_nothing(left, origins) and binds_to_nothing(right, origins)
        case ast.UnaryOp(operand=operand):
            return isinstance(node.op, ast.Not) or binds_to_nothing(operand, origins)
        case ast.BoolOp(values=values):
            return all(binds_to_nothing(value, origins) for value in values)
        case ast.IfExp(body=body, orelse=orelse):
            return binds_to_nothing(body, origins) and binds_to_nothing(orelse, origins)
        case _:
            return isinstance(node, _DISPLAYS)


def _is_plain_name(node: ast.Name, origins: Origins) -> bool:
    """A name of Python's types, of a class without bases, or of another such value."""
    if isinstance(origins.builtin(node), type):
        return True
    made, value = origins.own_class(node), origins.own_value(node)
    if made is not None:
        return not (made.bases or made.keywords or made.decorator_list)
    is_other = value is not None and not (isinstance(value, ast.Name) and value.id == node.id)
    return is_other and value is not None and binds_to_nothing(value, origins)
