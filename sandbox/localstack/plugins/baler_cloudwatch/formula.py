"""Metric math, as far as alarms need it: arithmetic, comparisons, AND, OR, IF and FILL with a number.

CloudWatch user guide, "Using math expressions with CloudWatch metrics". An expression has a data point at each time at
which one of its metrics has one; but arithmetic with a metric that has none then has none either, unless FILL gives it
one.
"""

from __future__ import annotations

import ast
import operator
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    Series = Sequence[float | None]
    # The values of metrics at one time; None where one has none. So is what a part of an expression is then.
    At = Mapping[str, float | None]
    Part = Callable[[At], float | None]

_WORDS = {"AND": " and ", "OR": " or ", "&&": " and ", "||": " or "}
_WORD = re.compile(r"\b(?:AND|OR)\b|&&|\|\|")
_SIGNS: dict[type[ast.AST], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    # Both sides are worked out, as of arrays.
    ast.And: lambda left, right: float(bool(left) and bool(right)),
    ast.Or: lambda left, right: float(bool(left) or bool(right)),
}


class FormulaError(ValueError):
    """An expression that the sandbox does not understand."""


class Formula:
    """An expression over named metrics.

    Attributes:
        names: the metrics and expressions that it is of.
    """

    def __init__(self, expression: str) -> None:
        """Read it.

        Raises:
            FormulaError: it is none, or uses what the sandbox does not know.
        """
        text = _WORD.sub(lambda found: _WORDS[found[0]], expression)
        try:
            tree = ast.parse(text.strip(), mode="eval").body
        except SyntaxError as error:
            raise FormulaError(f"the sandbox cannot read the expression {expression!r}") from error
        self._value = _read(tree)
        functions = {id(call.func) for call in ast.walk(tree) if isinstance(call, ast.Call)}
        found = [node for node in ast.walk(tree) if isinstance(node, ast.Name) and id(node) not in functions]
        self.names = frozenset(node.id for node in found)

    def values(self, series: Mapping[str, Series]) -> list[float | None]:
        """Return its data points, of those of what it names, which are all of the same times."""
        names = sorted(self.names)
        return [
            None if all(value is None for value in row) else self._value(dict(zip(names, row, strict=True)))
            for row in zip(*(series[name] for name in names), strict=True)
        ]


def _read(node: ast.expr) -> Part:
    match node:
        case ast.Name(id=name):
            return lambda at: at[name]
        case ast.Constant(value=int() | float() as number):
            return lambda _: float(number)
        case ast.UnaryOp(op=ast.USub(), operand=operand):
            return _applied(ast.Sub(), lambda _: 0.0, _read(operand))
        case ast.BinOp(left=left, op=sign, right=right) | ast.Compare(left=left, ops=[sign], comparators=[right]):
            return _applied(sign, _read(left), _read(right))
        case ast.BoolOp(op=sign, values=[first, *others]):
            joined = _read(first)
            for other in others:
                joined = _applied(sign, joined, _read(other))
            return joined
        case ast.Call(func=ast.Name(id=name), args=args) if name in _FUNCTIONS:
            try:
                return _FUNCTIONS[name](*map(_read, args))
            except TypeError as error:
                raise FormulaError(f"{name} takes other arguments than {ast.unparse(node)!r} has") from error
    raise FormulaError(f"the sandbox does not know {ast.unparse(node)!r} in an expression")


def _applied(sign: ast.AST, left: Part, right: Part) -> Part:
    if type(sign) not in _SIGNS:
        raise FormulaError(f"the sandbox does not know the sign {type(sign).__name__} in an expression")

    def apply(at: At) -> float | None:
        first, second = left(at), right(at)
        if first is None or second is None or (isinstance(sign, ast.Div) and not second):
            return None
        return float(_SIGNS[type(sign)](first, second))

    return apply


def _if(condition: Part, then: Part, otherwise: Part = lambda _: None) -> Part:
    def choose(at: At) -> float | None:
        met = condition(at)
        return None if met is None else then(at) if met else otherwise(at)

    return choose


def _fill(metric: Part, instead: Part) -> Part:
    def filled(at: At) -> float | None:
        value = metric(at)
        return instead(at) if value is None else value

    return filled


_FUNCTIONS: dict[str, Callable[..., Part]] = {"IF": _if, "FILL": _fill}
