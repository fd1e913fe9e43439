"""Which tests hold which requirement, read from the markers in their source: importing them all takes half a minute."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterator

PROJECT: Final = Path(__file__).parents[2]
MARKER: Final = "requirement"


class CollectionError(Exception):
    """A marker is not where or what this module can read; the message says which and what to do."""


def marked_tests() -> dict[str, set[str]]:
    """Return the tests (path and name, without parameters) by the requirement that they are marked with.

    Raises:
        CollectionError: A marker is on anything but a test function of a module, or names no id in plain text.
    """
    found: dict[str, set[str]] = {}
    for path in sorted((PROJECT / "tests").rglob("test_*.py")):
        if "node_modules" in path.parts:
            continue
        name = path.relative_to(PROJECT).as_posix()
        for test, requirement in markers(name, path.read_text(encoding="utf-8")):
            found.setdefault(requirement, set()).add(f"{name}::{test}")
    return found


def markers(name: str, source: str) -> Iterator[tuple[str, str]]:
    """Yield the tests of a module and the requirements that they are marked with.

    Raises:
        CollectionError: as `marked_tests` does.
    """
    module = ast.parse(source, name)
    read: set[ast.AST] = set()
    for test in module.body:
        if not isinstance(test, ast.FunctionDef) or not test.name.startswith("test_"):
            continue
        for decorator in test.decorator_list:
            if isinstance(decorator, ast.Call) and _is_marker(decorator.func):
                read.add(decorator.func)
                for requirement in decorator.args:
                    if not isinstance(requirement, ast.Constant) or not isinstance(requirement.value, str):
                        raise _unread(name, requirement)
                    yield test.name, requirement.value
    for node in ast.walk(module):
        if _is_marker(node) and node not in read:
            raise _unread(name, node)


def _is_marker(node: ast.AST) -> bool:
    """Tell whether this is `pytest.mark.requirement`."""
    return (
        isinstance(node, ast.Attribute)
        and node.attr == MARKER
        and isinstance(node.value, ast.Attribute)
        and node.value.attr == "mark"
    )


def _unread(name: str, node: ast.AST) -> CollectionError:
    line = getattr(node, "lineno", 0)
    return CollectionError(
        f"{name}:{line}: put the marker on a test function, with ids in plain text: "
        '@pytest.mark.requirement("PULL-REQ-01")'
    )
