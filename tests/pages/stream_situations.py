"""What a page about the event stream takes for granted when it tells an operator what to type."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from harness.pipeline import wait_until

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import ExitStack

    from sandbox.deployed import DeployedEvents
    from sandbox.engine.endpoint import Endpoint
    from sandbox.terminal.terminal import Terminal


@dataclass(frozen=True)
class StreamVisit:
    """An operator at a terminal, with a page; `opened` is closed when they leave.

    Attributes:
        deployed: a stack that has the event stream alone.
        aws: where it is, with an administrator's credentials.
    """

    deployed: DeployedEvents
    aws: Endpoint
    terminal: Terminal
    opened: ExitStack


@dataclass(frozen=True)
class StreamSituation:
    """How the blocks of such a page are run. Each block is named by a piece of its text.

    Attributes:
        filled: what a reader puts in the place of an example, or of what stands in angle brackets.
        before: what happens before a block.
    """

    filled: Mapping[str, Callable[[StreamVisit], str]] = field(
        default_factory=dict[str, "Callable[[StreamVisit], str]"]
    )
    before: Mapping[str, Callable[[StreamVisit], None]] = field(
        default_factory=dict[str, "Callable[[StreamVisit], None]"]
    )

    def pieces(self) -> set[str]:
        """All pieces of text that must be on the page."""
        return {*self.filled, *self.before}


def is_of_stream(page: str) -> bool:
    """Whether a page is about a stack that has the event stream."""
    return page.startswith("docs/runbooks/events-")


def _live_version(visit: StreamVisit) -> str:
    alias = visit.aws.functions.get_alias(FunctionName=visit.deployed.processor_function, Name="live")
    return alias["FunctionVersion"]


def _moment(minutes: int) -> Callable[[StreamVisit], str]:
    """So many minutes from now: of a time before the stream was made there is nothing to replay."""

    def moment(_visit: StreamVisit) -> str:
        return (datetime.now(UTC) + timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M:%S")

    return moment


def _replay_from_now(visit: StreamVisit) -> str:
    return f"replay --from {_moment(0)(visit)} "


def _wait_until_disabled(visit: StreamVisit) -> None:
    mapping = visit.deployed.processor_mapping

    def state() -> str | None:
        return visit.aws.functions.get_event_source_mapping(UUID=mapping).get("State")

    wait_until("the processor's mapping to be off", state, lambda found: found == "Disabled")


def _today(_visit: StreamVisit) -> str:
    return f"{datetime.now(UTC):%Y-%m-%d}"


STREAM_SITUATIONS: Final[Mapping[str, StreamSituation]] = {
    "docs/runbooks/events-data-loss.md": StreamSituation(
        # What is longer before what is in it. Of a time before the stream was made, a replay says that it has expired.
        filled={
            "replay --from 2026-11-20 ": _replay_from_now,
            "2026-11-20T09:30": _moment(0),
            "2026-11-20T11:00": _moment(1),
            "2026-11-20": _today,
        }
    ),
    "docs/runbooks/events-restored-table.md": StreamSituation(
        filled={"2026-11-20T09:00": _moment(0)}, before={"baler events rebuild": _wait_until_disabled}
    ),
    "docs/runbooks/events-function-broken.md": StreamSituation(filled={"<previous version>": _live_version}),
}
