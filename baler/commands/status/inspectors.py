"""The pipelines of a stack that are asked about, together."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rich.console import Group

from baler.commands.status.document import documents
from baler.commands.status.events.inspector import EventInspector, EventStack
from baler.commands.status.events.screen import event_screen
from baler.commands.status.health import HealthStatus, worst
from baler.commands.status.lake.inspector import LakeInspector, LakeStack
from baler.commands.status.lake.screen import lake_screen
from baler.commands.status.screen import screen
from baler.commands.status.stack_inspector import Stack, StackInspector

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import RenderableType

    from baler.commands.status.events.health import EventStatus
    from baler.commands.status.health import Status
    from baler.commands.status.lake.health import LakeStatus


@dataclass(frozen=True, slots=True)
class StackStatus:
    """What was found out about a stack; None for a pipeline that was not asked about."""

    files: Status | None
    events: EventStatus | None
    lake: LakeStatus | None

    @property
    def health(self) -> HealthStatus:
        """The worst of them."""
        return worst(each.health for each in (self.files, self.events, self.lake) if each is not None)

    def document(self) -> dict[str, Any]:
        """Return it for programs."""
        return documents(self.files, events=self.events, lake=self.lake)

    def screen(self) -> RenderableType:
        """Return it for people, a pipeline after the other."""
        files = [] if self.files is None else [screen(self.files)]
        events = [] if self.events is None else [event_screen(self.events)]
        lake = [] if self.lake is None else [lake_screen(self.lake)]
        return Group(*files, *events, *lake)


@dataclass(frozen=True, slots=True)
class Inspectors:
    """Looks at the pipelines of one stack; None for one that is not asked about."""

    files: StackInspector | None
    events: EventInspector | None
    lake: LakeInspector | None

    @classmethod
    def open(cls, stack: str, files: Sequence[str], events: Sequence[str], lake: Sequence[str]) -> Inspectors:
        """Make what asks about the pipelines whose parts are named.

        Args:
            stack: its name.
            files: ingest queue, dead-letter queue and archive; or nothing.
            events: stream, transformer's and compactor's queue; or nothing.
            lake: curation's queue and the table of sources; or nothing.

        Raises:
            BotoCoreError, ValueError, S3RefusedError: boto3's settings are not usable.
        """
        shown = [f"{name}-" for name, parts in (("files", files), ("events", events), ("lake", lake)) if parts]

        def others(own: str) -> tuple[str, ...]:
            return tuple(prefix for prefix in shown if prefix != own)

        return cls(
            StackInspector.open(Stack(stack, *files, others=others("files-"))) if files else None,
            EventInspector.open(EventStack(stack, *events, others=others("events-"))) if events else None,
            LakeInspector.open(LakeStack(stack, *lake, others=others("lake-"))) if lake else None,
        )

    def inspect(self) -> StackStatus:
        """Ask for everything."""
        return StackStatus(
            None if self.files is None else self.files.inspect(),
            None if self.events is None else self.events.inspect(),
            None if self.lake is None else self.lake.inspect(),
        )
