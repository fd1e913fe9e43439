"""Writes the page."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Final

from requirements_table.collection import PROJECT

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from requirements_table.catalogue.requirement import Document, Requirement

PAGE: Final = PROJECT / "docs" / "requirements.md"

_HEAD: Final = """\
# Requirements

Where each requirement of the five documents is built, and the tests that hold it. Documents 3 to 5 have no ids: those
here follow their sections. This page is generated from the markers on the tests (`@pytest.mark.requirement(...)`) and
from `tests/requirements_table/catalogue/`: change those, then `make docs`.
"""


def mistakes(documents: Sequence[Document], tests: Mapping[str, set[str]]) -> list[str]:
    """Return what is wrong with catalogue and markers, a sentence each."""
    known = {name: requirement for document in documents for name, requirement in document.requirements.items()}
    found = [f"{name} is on {min(tests[name])}, but in no catalogue." for name in sorted(tests.keys() - known)]
    for document in documents:
        found += [
            f"{name} is in document {document.number}, whose ids begin with {document.prefix}-."
            for name in document.requirements
            if not name.startswith(f"{document.prefix}-")
        ]
    for name, requirement in known.items():
        found += [f"{name}: there is no {path}." for path in requirement.components if not (PROJECT / path).exists()]
        if requirement.same_as:
            if requirement.same_as not in known:
                found.append(f"{name} is the same as {requirement.same_as}, which is in no catalogue.")
        elif not requirement.missing and not (requirement.components and tests.get(name)):
            found.append(f"{name} has no component or no test, and the catalogue does not say why.")
    return found


def render(documents: Sequence[Document], tests: Mapping[str, set[str]]) -> str:
    """Return the page: a table of the requirements for each document, then the tests of each requirement."""
    lines = [_HEAD.rstrip()]
    known = {name: requirement for document in documents for name, requirement in document.requirements.items()}
    for document in documents:
        lines += ["", f"## Document {document.number}: {document.title}", ""]
        lines += ["| requirement | built in | tests | open |", "| --- | --- | --- | --- |"]
        lines += [_row(name, known, tests) for name in document.requirements]
    lines += ["", "## The tests"]
    for name, requirement in known.items():
        if tests.get(name):
            lines += ["", f"### {name}", "", f"{requirement.title}.", "", *_by_file(sorted(tests[name]))]
    return "\n".join(lines) + "\n"


def _row(name: str, known: Mapping[str, Requirement], tests: Mapping[str, set[str]]) -> str:
    requirement = known[name]
    # Where an earlier document asks for the same, its row tells the rest.
    told_by = requirement.same_as or name
    components = ", ".join(f"[{path}](../{path})" for path in known[told_by].components) or "nowhere yet"
    held = f"[{len(tests[told_by])}](#{told_by.lower()})" if tests.get(told_by) else "none"
    if requirement.same_as:
        held += f", as {requirement.same_as}"
    return f"| {name} {requirement.title} | {components} | {held} | {known[told_by].missing} |"


def _by_file(tests: Sequence[str]) -> list[str]:
    lines: list[str] = []
    for path, group in groupby(tests, key=lambda test: test.partition("::")[0]):
        lines.append(f"- [{path}](../{path})")
        lines += [f"  - {test.rpartition('::')[2].removeprefix('test_').replace('_', ' ')}" for test in group]
    return lines
