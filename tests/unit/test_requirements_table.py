"""The table of requirements is what the tests say, and says so where they do not."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from requirements_table.catalogue import REQUIREMENTS, Requirement
from requirements_table.collection import PROJECT
from requirements_table.page import mistakes, render

BUILT = Requirement("Title", ("pyproject.toml",))


def command(option: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "requirements_table", option],
        cwd=PROJECT,
        env={**os.environ, "PYTHONPATH": str(PROJECT / "tests")},
        capture_output=True,
        text=True,
        check=False,
    )


def test_the_page_is_what_the_tests_say() -> None:
    done = command("--check")
    assert (done.returncode, done.stderr) == (0, "")


def test_every_requirement_of_the_document_is_in_the_catalogue() -> None:
    functional = [f"PULL-REQ-{number:02d}" for number in range(1, 7)]
    assert [*REQUIREMENTS] == functional + [f"PULL-NFR-{number:02d}" for number in range(1, 11)]


def test_a_marker_that_names_no_requirement_is_a_mistake() -> None:
    assert mistakes({}, {"PULL-REQ-99": {"tests/a.py::test_a"}}) == [
        "PULL-REQ-99 is on tests/a.py::test_a, but in no catalogue."
    ]


@pytest.mark.parametrize(
    ("requirement", "tests"),
    [(BUILT, {}), (Requirement("Title"), {"X": {"tests/a.py::test_a"}})],
    ids=["without a test", "without a component"],
)
def test_a_requirement_without_test_or_component_needs_a_reason(
    requirement: Requirement, tests: dict[str, set[str]]
) -> None:
    [mistake] = mistakes({"X": requirement}, tests)
    assert "does not say why" in mistake
    assert mistakes({"X": Requirement("Title", missing="Not built yet.")}, tests) == []


def test_a_component_that_does_not_exist_is_a_mistake() -> None:
    held = {"X": {"tests/a.py::test_a"}}
    assert mistakes({"X": Requirement("Title", ("components/no.py",))}, held) == ["X: there is no components/no.py."]


def test_a_requirement_that_is_not_built_is_listed_as_open() -> None:
    page = render({"X": Requirement("Title", missing="Not built yet.")}, {})
    assert "| X Title | nowhere yet | none | Not built yet. |" in page


def test_the_tests_of_a_requirement_are_listed_by_file_as_the_sentences_they_are() -> None:
    page = render({"X": BUILT}, {"X": {"tests/b.py::test_it_holds", "tests/a.py::test_it_works"}})
    assert page.endswith("- [tests/a.py](../tests/a.py)\n  - it works\n- [tests/b.py](../tests/b.py)\n  - it holds\n")
