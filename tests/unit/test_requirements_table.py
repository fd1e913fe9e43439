"""The table of requirements is what the tests say, and says so where they do not."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest
from requirements_table.catalogue import DOCUMENTS
from requirements_table.catalogue.requirement import Document, Requirement
from requirements_table.collection import PROJECT
from requirements_table.page import mistakes, render

BUILT = Requirement("Title", ("pyproject.toml",))


def document(**requirements: Requirement) -> list[Document]:
    """Return one document whose ids are `X-` and a letter."""
    return [Document(1, "a system", "X", {f"X-{letter}": requirement for letter, requirement in requirements.items()})]


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


def test_documents_are_in_the_order_of_their_rank() -> None:
    assert [document.number for document in DOCUMENTS] == [1, 2, 3, 4, 5]


# The sections of document 2 that have no ids: summary, architecture, controls, plan, cost, tests.
SECTIONS_OF_PUSH = {
    "SUM": 1,
    "ARCH": 2,
    "SEC": 7,
    "INT": 4,
    "AVAIL": 6,
    "PLAN": 6,
    "COST": 2,
    "TEST": 3,
    "UNIT": 4,
    "INTEG": 4,
    "E2E": 5,
    "LOAD": 4,
}


@pytest.mark.parametrize(("number", "prefix", "functional"), [(1, "PULL", 6), (2, "PUSH", 5)])
def test_every_requirement_that_has_an_id_is_in_the_catalogue(number: int, prefix: str, functional: int) -> None:
    ids = [f"{prefix}-REQ-{each:02d}" for each in range(1, functional + 1)]
    ids += [f"{prefix}-NFR-{each:02d}" for each in range(1, 11)]
    assert [*DOCUMENTS[number - 1].requirements][: len(ids)] == ids


def test_every_section_of_document_2_is_in_the_catalogue() -> None:
    sections = [f"PUSH-{name}-{each:02d}" for name, count in SECTIONS_OF_PUSH.items() for each in range(1, count + 1)]
    assert [*DOCUMENTS[1].requirements][15:] == sections


def test_a_marker_that_names_no_requirement_is_a_mistake() -> None:
    assert mistakes([], {"PULL-REQ-99": {"tests/a.py::test_a"}}) == [
        "PULL-REQ-99 is on tests/a.py::test_a, but in no catalogue."
    ]


@pytest.mark.parametrize(
    ("requirement", "tests"),
    [(BUILT, {}), (Requirement("Title"), {"X-A": {"tests/a.py::test_a"}})],
    ids=["without a test", "without a component"],
)
def test_a_requirement_without_test_or_component_needs_a_reason(
    requirement: Requirement, tests: dict[str, set[str]]
) -> None:
    [mistake] = mistakes(document(A=requirement), tests)
    assert "does not say why" in mistake
    assert mistakes(document(A=Requirement("Title", missing="Not built yet.")), tests) == []


def test_a_component_that_does_not_exist_is_a_mistake() -> None:
    held = {"X-A": {"tests/a.py::test_a"}}
    assert mistakes(document(A=Requirement("Title", ("components/no.py",))), held) == [
        "X-A: there is no components/no.py."
    ]


def test_an_id_of_another_document_is_a_mistake() -> None:
    wrong = [Document(4, "a system", "LAKE", {"X-A": Requirement("Title", missing="Not built yet.")})]
    assert mistakes(wrong, {}) == ["X-A is in document 4, whose ids begin with LAKE-."]


def test_a_requirement_cannot_be_the_same_as_one_that_nobody_has() -> None:
    assert mistakes(document(A=Requirement("Title", same_as="X-Z")), {}) == [
        "X-A is the same as X-Z, which is in no catalogue."
    ]


def test_a_requirement_that_is_not_built_is_listed_as_open() -> None:
    page = render(document(A=Requirement("Title", missing="Not built yet.")), {})
    assert "| X-A Title | nowhere yet | none | Not built yet. |" in page


def test_requirements_are_listed_below_their_document() -> None:
    page = render(
        [
            Document(1, "one system", "X", {"X-A": Requirement("First", missing="No.")}),
            Document(2, "another", "Y", {"Y-A": Requirement("Second", missing="No.")}),
        ],
        {},
    )
    heads = ["## Document 1: one system", "| X-A First |", "## Document 2: another", "| Y-A Second |"]
    assert sorted(heads, key=page.index) == heads


def test_a_requirement_that_an_earlier_document_has_is_built_and_held_by_the_same() -> None:
    page = render(document(A=BUILT, B=Requirement("Again", same_as="X-A")), {"X-A": {"tests/a.py::test_a"}})
    assert "| X-B Again | [pyproject.toml](../pyproject.toml) | [1](#x-a), as X-A |  |" in page


def test_the_tests_of_a_requirement_are_listed_by_file_as_the_sentences_they_are() -> None:
    page = render(document(A=BUILT), {"X-A": {"tests/b.py::test_it_holds", "tests/a.py::test_it_works"}})
    assert page.endswith("- [tests/a.py](../tests/a.py)\n  - it works\n- [tests/b.py](../tests/b.py)\n  - it holds\n")
