"""The pipelines of a stack that are asked about, together."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, cast

from rich.console import Group

from baler.cli.aws_session import aws_session
from baler.commands.status.answer import CLIENT, asked
from baler.commands.status.document import documents
from baler.commands.status.events.inspector import EventInspector, EventStack
from baler.commands.status.events.screen import event_rows, event_screen
from baler.commands.status.health import HealthStatus, worst
from baler.commands.status.lake.inspector import LakeInspector, LakeStack
from baler.commands.status.lake.screen import lake_rows, lake_screen
from baler.commands.status.pace import PaceMetrics
from baler.commands.status.screen import rows, screen
from baler.commands.status.stack_inspector import Stack, StackInspector
from baler.commands.status.watch_screen import WatchedPipeline, WatchScreen

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

    def pipelines(self) -> list[WatchedPipeline]:
        """Return those that were asked about, for a screen that has a place for each."""
        files = [] if self.files is None else [WatchedPipeline("files", self.files, rows(self.files))]
        events = [] if self.events is None else [WatchedPipeline("events", self.events, event_rows(self.events))]
        lake = [] if self.lake is None else [WatchedPipeline("lake", self.lake, lake_rows(self.lake))]
        return [*files, *events, *lake]


@dataclass(frozen=True, slots=True)
class Inspectors:
    """Looks at the pipelines of one stack; None for one that is not asked about."""

    files: StackInspector | None
    events: EventInspector | None
    lake: LakeInspector | None
    _paces: PaceMetrics

    @classmethod
    def open(cls, stack: str, files: Sequence[str], events: Sequence[str], lake: Sequence[str]) -> Inspectors:
        """Make what asks about the pipelines whose parts are named.

        Args:
            stack: its name.
            files: ingest queue (several lanes with spaces between), dead-letter queue and archive; or nothing.
            events: stream, transformer's and compactor's queue; or nothing.
            lake: curation's queue and the table of sources; or nothing.

        Raises:
            BotoCoreError, ValueError, S3RefusedError: boto3's settings are not usable.
        """
        named = [name for name, parts in (("files", files), ("events", events), ("lake", lake)) if parts]
        shown = [f"{name}-" for name in named]
        # A service whose stubs are not installed makes client() return nothing that is known.
        cloudwatch = cast("Any", aws_session()).client("cloudwatch", config=CLIENT)

        def others(own: str) -> tuple[str, ...]:
            return tuple(prefix for prefix in shown if prefix != own)

        return cls(
            StackInspector.open(Stack(stack, *files, others=others("files-"))) if files else None,
            EventInspector.open(EventStack(stack, *events, others=others("events-"))) if events else None,
            LakeInspector.open(LakeStack(stack, *lake, others=others("lake-"))) if lake else None,
            PaceMetrics(cloudwatch, stack, named),
        )

    def inspect(self) -> StackStatus:
        """Ask for everything."""
        return StackStatus(
            None if self.files is None else self.files.inspect(),
            None if self.events is None else self.events.inspect(),
            None if self.lake is None else self.lake.inspect(),
        )

    def watch(self, seconds: float) -> tuple[StackStatus, WatchScreen]:
        """Ask for everything, and how much passes; return it, and a screen that is shown for so many seconds."""
        paces = asked(lambda: self._paces.last_minutes(datetime.now(UTC)))
        found = self.inspect()
        return found, WatchScreen(found.pipelines(), paces.result(), seconds)
