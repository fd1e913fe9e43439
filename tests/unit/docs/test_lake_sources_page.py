"""docs/lake-sources.md says what the code says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from baler.lake.declarations import read_declarations
from baler.lake.normalise import FIELD_BYTES_MAX, VALUES_MAX, Fault, NoAnswerReason
from baler.lake.sources import PAGES_MAX, FieldKind, PageKind, Pages
from runtime.lake.curation.curator import REFUSED_BY_TABLE, TOO_LARGE
from runtime.lake.ingestion.fetch import FETCH_BYTES_MAX
from runtime.lake.ingestion.outcome import RunOutcome

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs/lake-sources.md").read_text(encoding="utf-8")
_REASON = re.compile(r'(?:WebError|FetchError|NextError|_failed)\((?:\w+, )?"([a-z-]+)"|reason = "([a-z-]+)"')
_OTHERS = {"overrun", "unexpected"}


def rows(heading: str, column: str) -> set[str]:
    """The words in the first column of the first table with this head, below a heading."""
    table = PAGE.split(f"## {heading}\n")[1].split(f"| {column} |")[1].split("\n\n")[0]
    return {word for line in table.splitlines()[2:] for word in re.findall(r"`([^`]+)`", line.split("|")[1])}


def test_the_example_is_a_declaration() -> None:
    (source,) = read_declarations(PAGE.split("```toml\n")[1].split("```")[0])
    assert [field.kind for field in source.fields] == [FieldKind.TEXT, FieldKind.NUMBER, FieldKind.BOOLEAN]


def test_every_reason_is_on_the_page_and_no_other() -> None:
    sources = [path.read_text(encoding="utf-8") for path in (ROOT / "runtime/lake/ingestion").rglob("*.py")]
    raised = {one or other for text in sources for one, other in _REASON.findall(text)}
    assert "address-not-public" in raised
    assert "raw-unavailable" in raised
    assert rows("How a run ends", "reason") == raised | set(NoAnswerReason) | _OTHERS | {"http-<status>"}


def first_column(runbook: str) -> set[str]:
    """The words in the first columns of a runbook's tables."""
    text = (ROOT / "docs/runbooks" / runbook).read_text(encoding="utf-8")
    return {word for row in re.findall(r"(?m)^\| (`.*?) \|", text) for word in re.findall(r"`([^`]+)`", row)}


def test_the_runbook_of_a_source_names_reasons_that_there_are() -> None:
    named = {re.sub(r"http-[0-9]+", "http-<status>", word) for word in first_column("lake-source.md")}
    assert {"timeout", "address-not-public", "http-<status>"} <= named <= rows("How a run ends", "reason")


def test_the_runbook_of_what_was_set_aside_names_reasons_that_there_are() -> None:
    assert {"wrong-kind"} <= first_column("lake-set-aside.md") <= {*Fault, TOO_LARGE, REFUSED_BY_TABLE}


@pytest.mark.parametrize(
    ("heading", "column", "words"),
    [
        ("How a run ends", "outcome", set(RunOutcome)),
        ("What is no record", "fault", set(Fault)),
        ("Pages", "kind", set(PageKind)),
    ],
)
def test_every_word_is_in_its_table(heading: str, column: str, words: set[str]) -> None:
    assert rows(heading, column) == words


def test_the_bounds_are_those_of_the_code() -> None:
    assert f"`most` ({Pages().most}, at most {PAGES_MAX:,})" in PAGE
    assert f"{FETCH_BYTES_MAX // 1024**2} MiB, unpacked, and each {VALUES_MAX:,} values" in PAGE
    assert f"A text above {FIELD_BYTES_MAX:,} bytes" in PAGE
