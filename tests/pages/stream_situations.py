"""What a page about the event stream takes for granted when it tells an operator what to type."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import ExitStack

    from pages.terminal import Terminal
    from sandbox.deployed import DeployedEvents
    from sandbox.engine.endpoint import Endpoint


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


STREAM_SITUATIONS: Final[Mapping[str, StreamSituation]] = {
    "docs/runbooks/events-function-broken.md": StreamSituation(filled={"<previous version>": _live_version}),
}
