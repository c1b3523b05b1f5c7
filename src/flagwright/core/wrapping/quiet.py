"""Tell whether an expression may be skipped: whether nobody can tell if it runs."""

import libcst as cst


def is_quiet(node: cst.BaseExpression) -> bool:
    """Whether skipping an expression loses no effect."""
    match node:
        case cst.Name() | cst.SimpleString() | cst.Integer():
            return True
        case cst.UnaryOperation(operator=cst.Not(), expression=value):
            return is_quiet(value)
        case cst.BooleanOperation(left=left, right=right):
            return is_quiet(left) and is_quiet(right)
        case cst.Comparison(left=left, comparisons=targets):
            plain = all(isinstance(t.operator, cst.Is | cst.IsNot) for t in targets)
            return plain and all(map(is_quiet, (left, *(t.comparator for t in targets))))
        case _:
            return False
