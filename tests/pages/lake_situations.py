"""What a page about the lake takes for granted when it tells an operator what to type."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from baler.lake.announcement import Announcement, message_of
from sandbox.sources.running import POSTS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from harness.lake_pipeline import LakePipeline

    from sandbox.terminal.blocks import Block


@dataclass(frozen=True)
class LakeSituation:
    """How the blocks of such a page are run. Each block is named by a piece of its text.

    Attributes:
        filled: what a reader puts in the place of what stands in angle brackets.
        before: what happens before a block.
        codes: where the page announces another exit code than 0 for a block: the pattern that finds it there.
    """

    filled: Mapping[str, Callable[[LakePipeline], str]] = field(
        default_factory=dict[str, "Callable[[LakePipeline], str]"]
    )
    before: Mapping[str, Callable[[LakePipeline], None]] = field(
        default_factory=dict[str, "Callable[[LakePipeline], None]"]
    )
    codes: Mapping[str, str] = field(default_factory=dict[str, str])

    def pieces(self) -> set[str]:
        """All pieces of text that must be on the page."""
        return {*self.filled, *self.before, *self.codes}


def is_of_lake(block: Block) -> bool:
    """Whether a block is for a stack that has the lake: its page is, or it names a queue of the lake's."""
    return block.page.startswith("docs/runbooks/lake-") or "--queue lake-" in block.text


def _live_version(lake: LakePipeline) -> str:
    alias = lake.root.functions.get_alias(FunctionName=lake.deployed.curation_function, Name="live")
    return alias["FunctionVersion"]


def _a_dead_letter(lake: LakePipeline) -> None:
    """Put among the dead letters what announces a raw object that is well, as after an outage of curation."""
    raw = lake.raw(POSTS)[0]
    body = message_of(Announcement(raw.key, raw.version, time.time()), lake.deployed.raw_bucket)
    lake.root.sqs.send_message(QueueUrl=lake.deployed.curation_dead_letter_queue_url, MessageBody=body)


LAKE_SITUATIONS: Final[Mapping[str, LakeSituation]] = {
    "docs/runbooks/dead-letters.md": LakeSituation(before={"list --queue": _a_dead_letter}),
    "docs/runbooks/lake-not-curated.md": LakeSituation(before={"list --queue": _a_dead_letter}),
    "docs/runbooks/lake-function-broken.md": LakeSituation(filled={"<previous version>": _live_version}),
}
