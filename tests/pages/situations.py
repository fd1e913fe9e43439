"""What a page takes for granted when it tells an operator what to type."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Final

from harness.events import s3_event, s3_record
from harness.pipeline import wait_until

from baler.commands.redeliver.quarantine import SETTLED_SECONDS
from baler.files.bundle.ids import QUARANTINE_PREFIX, bundle_id_of, quarantine_key, quarantined_bundle_id
from baler.files.bundle.manifest import META_REFUSAL
from baler.files.courier.breaker import Cause
from sandbox.demo.consumer import running_consumer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from contextlib import ExitStack

    from harness.pipeline import Pipeline
    from harness.push import Push

    from sandbox.terminal.terminal import Terminal

KEY: Final = "architecture.md"
"""The file that pages take for their example. It has landed, and its bundle is in archive and mailbox."""


_CONSUMED: Final = "files"
"""The folder that a running consumer fills, beside the terminal."""

_NOT_JSON: Final = "not json"


@dataclass(frozen=True)
class Visit:
    """An operator at a terminal, with a page; `opened` is closed when they leave.

    Attributes:
        push: the pipeline's courier and receiver; None where a consumer pulls.
    """

    pipeline: Pipeline
    push: Push | None
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
        pushed: the page is about a stack whose courier delivers.
    """

    filled: Mapping[str, Callable[[Pipeline], str]] = field(default_factory=dict[str, Any])
    before: Mapping[str, Callable[[Visit], None]] = field(default_factory=dict[str, Any])
    codes: Mapping[str, str] = field(default_factory=dict[str, Any])
    until: Mapping[str, str] = field(default_factory=dict[str, Any])
    pushed: bool = False

    def pieces(self) -> set[str]:
        """All pieces of text that must be on the page."""
        return {*self.filled, *self.before, *self.codes, *self.until}


def _first_day(pipeline: Pipeline) -> str:
    """The day of the first file that landed: what landed and was bundled since is of that day, or of the next."""
    listed = pipeline.aws.s3.get_paginator("list_objects_v2").paginate(Bucket=pipeline.deployed.landing_bucket)
    times = [item["LastModified"] for page in listed for item in page.get("Contents", [])]  # pyright: ignore[reportTypedDictNotRequiredAccess]  # S3 tells it
    return f"{min(times).astimezone(UTC):%Y-%m-%d}"


def _until_today(_pipeline: Pipeline) -> str:
    """The end of a period that has everything: midnight may pass between two files of a page, or within a bundle."""
    return f"--to {datetime.now(UTC):%Y-%m-%d}"


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
    # Those of a page that failed.
    visit.pipeline.take_dead_letters(0)
    visit.pipeline.send(_NOT_JSON)
    # The function may not list, so it is told 403 of a file that is gone: SQS gives that message up after 12 hours.
    gone = s3_event(s3_record("gone", version="no-such-version", bucket=deployed.landing_bucket))
    visit.pipeline.aws.sqs.send_message(QueueUrl=url, MessageBody=gone)
    wait_until("two dead letters", lambda: visit.pipeline.messages(url), lambda found: found == 2)


def _a_running_consumer(visit: Visit) -> None:
    folder = visit.terminal.folder
    visit.opened.enter_context(running_consumer(visit.pipeline.deployed, folder / _CONSUMED, folder / "consumer.log"))
    # The command would look again after a minute only.
    wait_until("an empty mailbox", visit.pipeline.mailed, lambda found: not found)


def _a_consumer_with_a_ledger(visit: Visit) -> None:
    mailbox = visit.pipeline.deployed.distribution_bucket
    answer = visit.terminal.run(f"baler consume --mailbox {mailbox} --into received --once")
    assert answer.code == 0, answer.output


def _a_dead_letter(visit: Visit) -> None:
    """One that is there until the operator leaves, however often the page asks."""
    sqs, url = visit.pipeline.aws.sqs, visit.pipeline.deployed.dead_letter_queue_url
    if not visit.pipeline.messages(url):
        sqs.send_message(QueueUrl=url, MessageBody=_NOT_JSON)
        visit.opened.callback(visit.pipeline.take_dead_letters, 1)


def _file_of_its_own(name: str) -> Callable[[Visit], None]:
    """Let a file arrive whose story no other page has a part in."""

    def land(visit: Visit) -> None:
        if name not in visit.pipeline.archived_keys():
            visit.pipeline.land(name)
            wait_until("the file in the archive", visit.pipeline.archived_keys, lambda found: name in found)
            wait_until("the file on its way", lambda: _is_mailed_or_taken(visit, name), bool)

    return land


def _is_mailed_or_taken(visit: Visit, name: str) -> bool:
    """Whether a file is in the mailbox, or has been: where a consumer runs, it is there for a moment only."""
    taken = visit.terminal.folder / _CONSUMED / name
    return any(name in bundle.file_keys() for bundle in visit.pipeline.mailed().values()) or taken.exists()


def _audit_of(name: str) -> Callable[[Pipeline], str]:
    """Leave out all other files: other pages break the pipeline, and leave dead letters."""
    return lambda pipeline: f"baler audit --from {_first_day(pipeline)} --prefix {name}"


def _a_receiver_that_is_away(visit: Visit) -> None:
    push = _push_of(visit)
    push.premises.stop()
    visit.opened.callback(push.settle)
    visit.opened.callback(push.premises.start)
    push.land()
    push.wait_until_open(Cause.UNREACHABLE)


def _wait_until_settled(visit: Visit) -> None:
    """Wait until the courier is done with what it set aside: the command leaves younger ones alone."""
    bucket = visit.pipeline.deployed.distribution_bucket

    def youngest() -> float:
        answer = visit.pipeline.aws.s3.list_objects_v2(Bucket=bucket, Prefix=QUARANTINE_PREFIX)
        times = [item["LastModified"].timestamp() for item in answer.get("Contents", [])]  # pyright: ignore[reportTypedDictNotRequiredAccess]  # S3 tells it
        return time.time() - max(times, default=0.0)

    # S3 tells times to the second.
    wait_until("bundles that were set aside a while ago", youngest, lambda age: age > SETTLED_SECONDS + 1)


def _a_refused_bundle(visit: Visit) -> None:
    """One that the receiver had refused a while ago, and that it takes now."""
    push = _push_of(visit)
    visit.opened.callback(push.settle)
    push.land()
    key = max(visit.pipeline.archived())
    deployed, s3 = visit.pipeline.deployed, visit.pipeline.aws.s3
    source: Any = {"Bucket": deployed.archive_bucket, "Key": key}
    metadata = s3.head_object(**source)["Metadata"]
    s3.copy_object(
        Bucket=deployed.distribution_bucket,
        Key=quarantine_key(bundle_id_of(key)),
        CopySource=source,
        Metadata={**metadata, META_REFUSAL: "422"},
        MetadataDirective="REPLACE",
    )
    _wait_until_settled(visit)


def _new_credentials(visit: Visit) -> None:
    push = _push_of(visit)
    visit.opened.callback(push.settle)
    names = {"certificate": "client.pem", "key": "client.key", "ca_certificate": "ca.pem"}
    for field_name, file in names.items():
        (visit.terminal.folder / file).write_text(push.premises.credentials[field_name], encoding="utf-8")


def _push_of(visit: Visit) -> Push:
    assert visit.push is not None
    return visit.push


def _quarantined_id(pipeline: Pipeline) -> str:
    bucket = pipeline.deployed.distribution_bucket
    (found,) = pipeline.aws.s3.list_objects_v2(Bucket=bucket, Prefix=QUARANTINE_PREFIX).get("Contents", [])
    return quarantined_bundle_id(found.get("Key", ""))


def _version_of_secret(stage: str) -> Callable[[Pipeline], str]:
    def version(pipeline: Pipeline) -> str:
        assert pipeline.deployed.courier is not None
        described = pipeline.aws.secrets.describe_secret(SecretId=pipeline.deployed.courier.secret)
        stages = described.get("VersionIdsToStages", {})
        return next(each for each, marked in stages.items() if stage in marked)

    return version


def _live_version_of_courier(pipeline: Pipeline) -> str:
    assert pipeline.deployed.courier is not None
    alias = pipeline.aws.functions.get_alias(FunctionName=pipeline.deployed.courier.function, Name="live")
    return alias["FunctionVersion"]


def _folder_of_files(_pipeline: Pipeline) -> str:
    return "readings"


_INTO: Final = {"/srv/readings": _folder_of_files}
_STATUS: Final = Situation(
    before={"baler status": _a_dead_letter},
    codes={"baler status": r"\| (\d+) \| unhealthy|[Ee]xit code (\d+) means\s+unhealthy"},
)


_DAYS: Final = {"--to 2026-11-20": _until_today, "2026-11-20": _first_day}
_ALL_AUDITED: Final = "baler audit --from 2026-11-20 --to 2026-11-20"
_AUDITED_TODAY: Final = "baler audit --from $(date -u +%F)"


def _replayed(name: str, *audited: str, into: bool = False) -> Situation:
    """How a page is run that replays a period: whoever takes the bundles has taken those of the period before.

    Args:
        name: of a file of its own, which it audits.
        audited: what it types to audit.
        into: whether it names a folder for the files.
    """
    return Situation(
        filled={
            **{command: _audit_of(name) for command in audited},
            **_DAYS,
            **(_INTO if into else {}),
        },
        before={"baler replay --from": _a_running_consumer, **dict.fromkeys(audited, _file_of_its_own(name))},
    )


SITUATIONS: Final[Mapping[str, Situation]] = {
    "docs/auditors.md": Situation(
        filled={_ALL_AUDITED: _audit_of("auditors.md"), **_DAYS},
        before={_ALL_AUDITED: _file_of_its_own("auditors.md")},
    ),
    "docs/runbooks/consumer-host-gone.md": _replayed("gone.md", _ALL_AUDITED, into=True),
    "docs/runbooks/missing-file.md": Situation(
        filled={
            KEY: lambda _: "missing.md",
            _ALL_AUDITED: _audit_of("missing.md"),
            "2026-11-20": _first_day,
            "/srv/readings.state": lambda _: "received.state",
        },
        before={"baler find architecture.md": _file_of_its_own("missing.md"), "--state": _a_consumer_with_a_ledger},
    ),
    "docs/runbooks/receiver-lost-data.md": _replayed("lost.md", _ALL_AUDITED),
    "docs/runbooks/restore-much.md": _replayed("much.md"),
    "docs/runbooks/upgrade.md": Situation(
        filled={_AUDITED_TODAY: _audit_of("upgrade.md")}, before={_AUDITED_TODAY: _file_of_its_own("upgrade.md")}
    ),
    "README.md": Situation(filled=_INTO, until={"baler consume": "bundle "}),
    "docs/questions.md": Situation(
        filled={
            KEY: lambda _: "questions.md",
            "baler audit --from 2026-11-26": _audit_of("questions.md"),
            "--to 2026-11-26": _until_today,
            "2026-11-26": _first_day,
        },
        before={
            "baler find architecture.md": _file_of_its_own("questions.md"),
            "--state received.state": _a_consumer_with_a_ledger,
        },
    ),
    "docs/bad-input.md": Situation(before={"baler consume": _a_consumer_with_a_ledger}),
    "docs/runbooks/courier-broken.md": Situation(pushed=True, filled={"<previous version>": _live_version_of_courier}),
    "docs/runbooks/credentials-refused.md": Situation(
        pushed=True,
        before={"umask": _new_credentials},
        filled={
            "<previous version>": _version_of_secret("AWSPREVIOUS"),
            "<this version>": _version_of_secret("AWSCURRENT"),
        },
    ),
    "docs/runbooks/receiver-down.md": Situation(pushed=True, before={"get-item": _a_receiver_that_is_away}),
    "docs/runbooks/refused-bundles.md": Situation(
        pushed=True,
        before={"--dry-run": _a_refused_bundle},
        filled={"<bundle id>": _quarantined_id, "<bundle key>": lambda _: "none"},
    ),
    "docs/runbooks/consumer-down.md": Situation(filled=_INTO, until={"--lease-table": "started "}),
    "docs/runbooks/dead-letters.md": Situation(
        filled={"1f0c2a9b": _poison}, before={"baler dead-letters list --limit": _two_dead_letters}
    ),
    "docs/runbooks/function-broken.md": Situation(filled={"<previous version>": _live_version}),
    "docs/runbooks/network-change.md": Situation(filled={"<VPC id>": _some_network, "<old VPC id>": lambda _: "none"}),
    "docs/runbooks/pipeline-unhealthy.md": _STATUS,
    "docs/runbooks/archive.md": Situation(filled=_DAYS),
    "docs/runbooks/register-stale.md": Situation(filled={"2026-11-20": _first_day}),
    "docs/runbooks/replay.md": Situation(
        filled=_DAYS,
        before={"baler replay --continue": _a_running_consumer},
        # The mailbox still holds the bundle, and nobody takes it yet.
        codes={"baler replay --from 2026-11-20 --to 2026-11-20\n": r"\| (\d+) \| it waits"},
    ),
    "docs/runbooks/rolled-back.md": Situation(filled={"<previous version>": _live_version}),
    "docs/runbooks/status.md": _STATUS,
    "docs/runbooks/traffic-spike.md": Situation(filled={"<a key of the list>": lambda _: KEY}),
}
