"""The pipelines of a stack that are asked about, together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rich.console import Group

from baler.commands.status.document import documents
from baler.commands.status.events.inspector import EventInspector, EventStack
from baler.commands.status.events.screen import event_screen
from baler.commands.status.health import HealthStatus, worst
from baler.commands.status.screen import screen
from baler.commands.status.stack_inspector import Stack, StackInspector

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import RenderableType

    from baler.commands.status.events.health import EventStatus
    from baler.commands.status.health import Status


@dataclass(frozen=True, slots=True)
class StackStatus:
    """What was found out about a stack; None for a pipeline that was not asked about."""

    files: Status | None
    events: EventStatus | None

    @property
    def health(self) -> HealthStatus:
        """The worst of them."""
        return worst(each.health for each in (self.files, self.events) if each is not None)

    def document(self) -> dict[str, Any]:
        """Return it for programs."""
        return documents(self.files, self.events)

    def screen(self) -> RenderableType:
        """Return it for people, a pipeline after the other."""
        files = [] if self.files is None else [screen(self.files)]
        events = [] if self.events is None else [event_screen(self.events)]
        return Group(*files, *events)


@dataclass(frozen=True, slots=True)
class Inspectors:
    """Looks at the pipelines of one stack; None for one that is not asked about."""

    files: StackInspector | None
    events: EventInspector | None

    @classmethod
    def open(cls, stack: str, files: Sequence[str], events: Sequence[str]) -> Inspectors:
        """Make what asks about the pipelines whose parts are named.

        Args:
            stack: its name.
            files: ingest queue, dead-letter queue and archive; or nothing.
            events: stream, transformer's and compactor's queue; or nothing.

        Raises:
            BotoCoreError, ValueError, S3RefusedError: boto3's settings are not usable.
        """
        of_files, of_events = ("files-", "events-") if files and events else ("", "")
        return cls(
            StackInspector.open(Stack(stack, *files, others=of_events)) if files else None,
            EventInspector.open(EventStack(stack, *events, others=of_files)) if events else None,
        )

    def inspect(self) -> StackStatus:
        """Ask for everything."""
        return StackStatus(
            None if self.files is None else self.files.inspect(), None if self.events is None else self.events.inspect()
        )
