"""What is wrong in a rehearsal, and how its page repairs it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from sandbox.time_lapse import SANDBOX_FACTOR

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sandbox.iam.parties import Party
    from sandbox.pipelines import Delivery, Pipeline

StageT = TypeVar("StageT")


@dataclass(frozen=True, slots=True)
class Typed:
    """A block of the page that repairs, or shows what is wrong.

    Attributes:
        piece: text that this block alone has.
        party: who types it.
        when_over: whether it is typed only when others have done what is theirs.
        minutes_later: how long the page says to wait before it is typed, in minutes of an alarm.
        again_at: the exit code at which the page says to type it again in a while; 0 for none.
    """

    piece: str
    party: Party = "operator"
    when_over: bool = False
    minutes_later: int = 0
    again_at: int = 0


def _nothing() -> None:
    return


@dataclass(frozen=True, slots=True)
class Broken:
    """What a fault leaves behind.

    Attributes:
        filled: what a reader puts in the place of an example on the page, asked for when it is typed.
        put_back: what `pulumi up` does: it puts back what differs from the program.
        others: what others do to repair it, who are not at the terminal; `who` says so.
        who: a sentence about them; "" where nobody else has anything to do.
        hint: what a person needs who repairs it, and the page cannot say; "" where there is nothing.
    """

    filled: Mapping[str, Callable[[], str]] = field(default_factory=dict[str, Any])
    put_back: Callable[[], None] = _nothing
    others: Callable[[], None] = _nothing
    who: str = ""
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Fault(Generic[StageT]):
    """A fault that can be rehearsed.

    Attributes:
        name: as `FAULT=` takes it.
        summary: what is the matter, in a line.
        page: the runbook, below docs/runbooks.
        alarms: those that must fire, by what follows the stack in their names.
        break_it: makes it.
        typed: the blocks of the page that repair it, in their order.
        pipeline: where it is.
        delivery: of the file pipeline.
        settings: what brings it on soon, by qualified key.
        factor: how much faster time passes for the alarms of `lapsed`; for the others, as much as in `make sandbox`.
        waits: how much sooner an age is too high for them.
        lapsed: what names of alarms and schedules begin with, behind the stack's; "" for the first of `alarms` alone.
    """

    name: str
    summary: str
    page: str
    alarms: tuple[str, ...]
    break_it: Callable[[StageT], Broken]
    typed: tuple[Typed, ...] = ()
    pipeline: Pipeline = "files"
    delivery: Delivery = "pull"
    settings: Mapping[str, Any] = field(default_factory=dict[str, Any])
    factor: float = SANDBOX_FACTOR
    waits: float = 1.0
    lapsed: str = ""

    @property
    def path(self) -> str:
        """The runbook's path below the project."""
        return f"docs/runbooks/{self.page}.md"
