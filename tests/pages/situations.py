"""What a page takes for granted when it tells an operator what to type."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Final

from harness.alarms import Alarms
from harness.events import s3_event, s3_record
from harness.pipeline import wait_until

from baler.files.bundle.ids import bundle_id_of
from sandbox.demo.consumer import running_consumer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import ExitStack

    from harness.pipeline import Pipeline

    from pages.terminal import Terminal

KEY: Final = "architecture.md"
"""The file that pages take for their example. It has landed, and its bundle is in archive and mailbox."""


_NOT_JSON: Final = "not json"


@dataclass(frozen=True)
class Visit:
    """An operator at a terminal, with a page; `opened` is closed when they leave."""

    pipeline: Pipeline
    terminal: Terminal
    opened: ExitStack


@dataclass(frozen=True)
class Situation:
    """How a page's blocks are run. Each block is named by a piece of its text.

    Attributes:
        filled: what a reader puts in the place of an example, or of what stands in angle brackets.
        before: what happens before a block.
        codes: where the page announces another exit code than 0 for a block: the pattern that finds it there.
        until: what a block prints before the reader ends it with Ctrl-C, where it runs on.
    """

    filled: Mapping[str, Callable[[Pipeline], str]] = field(default_factory=dict[str, Any])
    before: Mapping[str, Callable[[Visit], None]] = field(default_factory=dict[str, Any])
    codes: Mapping[str, str] = field(default_factory=dict[str, Any])
    until: Mapping[str, str] = field(default_factory=dict[str, Any])

    def pieces(self) -> set[str]:
        """All pieces of text that must be on the page."""
        return {*self.filled, *self.before, *self.codes, *self.until}


def _archived_day(pipeline: Pipeline) -> str:
    day = bundle_id_of(next(iter(pipeline.archived())))[:8]
    return f"{day[:4]}-{day[4:6]}-{day[6:]}"


def _live_version(pipeline: Pipeline) -> str:
    alias = pipeline.aws.functions.get_alias(FunctionName=pipeline.deployed.aggregator_function, Name="live")
    return alias["FunctionVersion"]


def _some_network(pipeline: Pipeline) -> str:
    return pipeline.aws.ec2.describe_vpcs()["Vpcs"][0]["VpcId"]


def _poison(pipeline: Pipeline) -> str:
    """The id of the message that announces no file."""
    url = pipeline.deployed.dead_letter_queue_url
    while True:
        answer = pipeline.aws.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10, VisibilityTimeout=0)
        for message in answer.get("Messages", []):
            if message.get("Body") == _NOT_JSON:
                return message.get("MessageId", "")


def _two_dead_letters(visit: Visit) -> None:
    deployed = visit.pipeline.deployed
    url = deployed.dead_letter_queue_url
    visit.pipeline.send(_NOT_JSON)
    # The function may not list, so it is told 403 of a file that is gone: SQS gives that message up after 12 hours.
    gone = s3_event(s3_record("gone", version="no-such-version", bucket=deployed.landing_bucket))
    visit.pipeline.aws.sqs.send_message(QueueUrl=url, MessageBody=gone)
    wait_until("two dead letters", lambda: visit.pipeline.messages(url), lambda found: found == 2)


def _a_running_consumer(visit: Visit) -> None:
    folder = visit.terminal.folder
    visit.opened.enter_context(running_consumer(visit.pipeline.deployed, folder / "files", folder / "consumer.log"))
    # The command would look again after a minute only.
    wait_until("an empty mailbox", visit.pipeline.mailed, lambda found: not found)


def _a_consumer_with_a_ledger(visit: Visit) -> None:
    mailbox = visit.pipeline.deployed.distribution_bucket
    answer = visit.terminal.run(f"baler consume --mailbox {mailbox} --into received --once")
    assert answer.code == 0, answer.output


def _a_silent_monitor(visit: Visit) -> None:
    """LocalStack makes no metrics of logs, so that alarm is on as soon as it has been evaluated."""
    wait_until("files-monitor-silent", Alarms(visit.pipeline).on, lambda on: "files-monitor-silent" in on)


def _folder_of_files(_pipeline: Pipeline) -> str:
    return "readings"


_INTO: Final = {"/srv/readings": _folder_of_files}
_STATUS: Final = Situation(
    before={"baler status": _a_silent_monitor},
    codes={"baler status": r"\| (\d+) \| unhealthy|[Ee]xit code (\d+) means\s+unhealthy"},
)

SITUATIONS: Final[Mapping[str, Situation]] = {
    "README.md": Situation(filled=_INTO, until={"baler consume": "bundle "}),
    "docs/bad-input.md": Situation(before={"baler consume": _a_consumer_with_a_ledger}),
    "docs/runbooks/consumer-down.md": Situation(filled=_INTO, until={"--lease-table": "started "}),
    "docs/runbooks/dead-letters.md": Situation(
        filled={"1f0c2a9b": _poison}, before={"baler dead-letters list --limit": _two_dead_letters}
    ),
    "docs/runbooks/function-broken.md": Situation(filled={"<previous version>": _live_version}),
    "docs/runbooks/network-change.md": Situation(filled={"<VPC id>": _some_network, "<old VPC id>": lambda _: "none"}),
    "docs/runbooks/pipeline-unhealthy.md": _STATUS,
    "docs/runbooks/replay.md": Situation(
        filled={"2026-11-20": _archived_day},
        before={"baler replay --continue": _a_running_consumer},
        # The mailbox still holds the bundle, and nobody takes it yet.
        codes={"baler replay --from 2026-11-20 --to 2026-11-20\n": r"\| (\d+) \| it waits"},
    ),
    "docs/runbooks/rolled-back.md": Situation(filled={"<previous version>": _live_version}),
    "docs/runbooks/status.md": _STATUS,
    "docs/runbooks/traffic-spike.md": Situation(filled={"<a key of the list>": lambda _: KEY}),
}
