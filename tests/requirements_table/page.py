"""Writes the page."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Final

from requirements_table.collection import PROJECT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from requirements_table.catalogue import Requirement

PAGE: Final = PROJECT / "docs" / "requirements.md"

_HEAD: Final = """\
# Requirements

Where each requirement of document 1 (file pipeline, pull) is built, and the tests that hold it. This page is generated
from the markers on the tests (`@pytest.mark.requirement(...)`) and from `tests/requirements_table/catalogue.py`: change
those, then `PYTHONPATH=tests .venv/bin/python -m requirements_table --write`.
"""


def mistakes(requirements: Mapping[str, Requirement], tests: Mapping[str, set[str]]) -> list[str]:
    """Return what is wrong with catalogue and markers, a sentence each."""
    found = [f"{name} is on {min(tests[name])}, but in no catalogue." for name in sorted(tests.keys() - requirements)]
    for name, requirement in requirements.items():
        found += [f"{name}: there is no {path}." for path in requirement.components if not (PROJECT / path).exists()]
        if not requirement.missing and not (requirement.components and tests.get(name)):
            found.append(f"{name} has no component or no test, and the catalogue does not say why.")
    return found


def render(requirements: Mapping[str, Requirement], tests: Mapping[str, set[str]]) -> str:
    """Return the page: a table of all requirements, then the tests of each."""
    lines = [_HEAD, "| requirement | built in | tests | open |", "| --- | --- | --- | --- |"]
    for name, requirement in requirements.items():
        components = ", ".join(f"[{path}](../{path})" for path in requirement.components) or "nowhere yet"
        held = f"[{len(tests[name])}](#{name.lower()})" if tests.get(name) else "none"
        lines.append(f"| {name} {requirement.title} | {components} | {held} | {requirement.missing} |")
    for name in requirements:
        if tests.get(name):
            lines += ["", f"## {name}", "", f"{requirements[name].title}.", "", *_by_file(sorted(tests[name]))]
    return "\n".join(lines) + "\n"


def _by_file(tests: Sequence[str]) -> list[str]:
    lines: list[str] = []
    for path, group in groupby(tests, key=lambda test: test.partition("::")[0]):
        lines.append(f"- [{path}](../{path})")
        lines += [f"  - {test.rpartition('::')[2].removeprefix('test_').replace('_', ' ')}" for test in group]
    return lines
