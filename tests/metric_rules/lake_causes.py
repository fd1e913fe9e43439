"""What may stop the lake, and what it does to it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, kw_only=True)
class LakeCause:
    """Something that is wrong from a moment on.

    Attributes:
        name: what a reader sees.
        minutes: within how many somebody must be paged, from the moment on; None where nobody need be.
        watch_minutes: for so long alarms are looked for that page nobody.
        fails: whether the first of the sources fails.
        invokes: whether the schedule invokes ingestion.
        announces: whether the raw bucket's events get into the queue.
    """

    name: str
    minutes: int | None
    watch_minutes: int = 20
    fails: bool = False
    invokes: bool = True
    announces: bool = True


ALL_IS_FETCHED: Final = LakeCause(name="nothing is wrong", minutes=None)

CAUSES_OF_LAKE: Final = (
    LakeCause(name="a source fails, run after run", minutes=None, fails=True),
    LakeCause(name="the schedule's rule is off, or may not invoke ingestion", minutes=30, invokes=False),
    LakeCause(name="raw bucket's notification replaced, or its queue's policy gone", minutes=15, announces=False),
)
"""What must not go unnoticed of the lake: rows of docs/alarms.md."""
