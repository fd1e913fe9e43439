"""The page of records says what is declared."""

from __future__ import annotations

from baler.events.event_types import EVENT_TYPES
from baler.events.rejection_reason import RejectionReason
from sandbox.terminal.blocks import PROJECT

TEXT = (PROJECT / "docs" / "event-records.md").read_text(encoding="utf-8")


def test_the_page_lists_every_declared_field_and_no_other() -> None:
    rows = [
        f"| `{declared.name}` | `{field.name}` | {field.kind} |{' yes ' if field.required else ' '}| {field.meaning} |"
        for declared in EVENT_TYPES.values()
        for field in declared.fields
    ]
    section = TEXT.partition("## Types")[2].partition("\n## ")[0]
    assert [line for line in section.splitlines() if line.startswith("| `")] == rows


def test_the_page_has_every_reason() -> None:
    assert [reason.value for reason in RejectionReason if f"`{reason}`" not in TEXT] == []
