"""The faults that can be rehearsed, and the pages that they lead to."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import pytest

from sandbox.engine.program import PROJECT_DIR
from sandbox.errors import SandboxError
from sandbox.rehearsal.catalogue import FAULTS, NOT_REHEARSED, fault_named
from sandbox.rehearsal.repair import block_of

if TYPE_CHECKING:
    from sandbox.rehearsal.fault import Fault

EVERY = pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
RUNBOOKS = PROJECT_DIR / "docs" / "runbooks"


def test_every_runbook_can_be_rehearsed_or_says_why_not() -> None:
    pages = {page.stem for page in RUNBOOKS.glob("*.md")}
    rehearsed = {fault.page for fault in FAULTS.values()}
    assert pages - rehearsed == NOT_REHEARSED.keys()


@EVERY
def test_a_fault_is_told_by_alarms_of_its_page(fault: Fault[Any]) -> None:
    page = (PROJECT_DIR / fault.path).read_text(encoding="utf-8")
    named = {re.sub(r"^lake-source-\w+-", "lake-source-<name>-", alarm) for alarm in fault.alarms}
    assert {alarm for alarm in named - {"pipeline-unhealthy"} if f"`{alarm}`" not in page} == set()


@EVERY
def test_what_is_typed_stands_once_on_its_page_in_that_order(fault: Fault[Any]) -> None:
    lines = [block_of(fault, typed).line for typed in fault.typed]
    assert lines
    assert lines == sorted(lines)


def test_a_fault_that_nobody_knows_is_a_sentence() -> None:
    with pytest.raises(SandboxError, match="`make rehearse` lists them"):
        fault_named("consumer-dwon")
