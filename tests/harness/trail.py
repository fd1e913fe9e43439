"""Every place that a file of the file pipeline comes to, in moto, and files brought as far as a test wants them."""

from __future__ import annotations

import hashlib
import io
import itertools
import json
import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

import boto3
from typer.testing import CliRunner

from baler.cli.main import app
from baler.files.aws.claim_table import DynamoClaimTable
from baler.files.aws.courier_table import DynamoCourierTable
from baler.files.aws.landed_versions import S3LandedVersions
from baler.files.bundle.ids import bundle_key, new_bundle_id, quarantine_key
from baler.files.bundle.writer import BundleWriter
from baler.files.claims.model import BundleRecord, BundleState, Claim, Rejection
from baler.files.courier.delivery_record import DeliveryId, DeliveryRecord
from baler.files.ledger.ledger import DeliveryState, Ledger, LedgerEntry
from baler.files.reconciliation.announcement import announcement
from baler.files.story.state import FileState
from runtime.files.aws.buckets import S3Archive, S3Mailbox

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path
    from typing import Any

    from baler.files.landed_file import LandedFile

REGION: Final = "eu-west-2"
HOUR: Final = 3600
LIFETIME: Final = 15 * 24 * HOUR


@dataclass
class Trail:
    """The buckets, tables and queues, and the consumer's own folder.

    Attributes:
        state: that folder.
        now: what the time is to the command: files have landed two hours ago.
    """

    state: Path
    now: float = field(default_factory=lambda: float(int(time.time())) + 2 * HOUR)
    _numbers: itertools.count[int] = field(default_factory=itertools.count)

    def __post_init__(self) -> None:
        self.s3 = boto3.client("s3")
        self.dynamodb = boto3.client("dynamodb")
        self.sqs = boto3.client("sqs")
        for bucket in ("landing", "archive", "mailbox"):
            self.s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": REGION})
        self.s3.put_bucket_versioning(Bucket="landing", VersioningConfiguration={"Status": "Enabled"})
        for table in ("claims", "courier"):
            self.dynamodb.create_table(
                TableName=table,
                KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
                AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
                BillingMode="PAY_PER_REQUEST",
            )
        self.claims = DynamoClaimTable(self.dynamodb, "claims")
        self.courier = DynamoCourierTable(self.dynamodb, "courier", LIFETIME)
        self.ingest = self.sqs.create_queue(QueueName="ingest")["QueueUrl"]
        self.dead = self.sqs.create_queue(QueueName="dead-letters")["QueueUrl"]

    @property
    def names(self) -> dict[str, str]:
        """What the commands are told by their environment, pushed or pulled."""
        return {
            "BALER_LANDING_BUCKET": "landing",
            "BALER_ARCHIVE": "archive",
            "BALER_MAILBOX": "mailbox",
            "BALER_CLAIM_TABLE": "claims",
            "BALER_INGEST_QUEUE_URL": self.ingest,
            "BALER_DEAD_LETTER_QUEUE_URL": self.dead,
        }

    def run(self, *arguments: object) -> tuple[int, list[dict[str, Any]], str]:
        """Run `baler … --json`; return its exit code, what it wrote and what it said beside."""
        result = CliRunner().invoke(app, [*map(str, arguments), "--json"], env=self.names)
        assert result.exception is None or isinstance(result.exception, SystemExit), result.output
        return result.exit_code, [json.loads(line) for line in result.stdout.splitlines()], result.stderr

    def text(self, *arguments: object) -> str:
        """Run it as people do; return all that it said."""
        return CliRunner().invoke(app, [*map(str, arguments)], env=self.names).output

    def land(self, key: str, body: bytes = b"hello") -> LandedFile:
        """Put a file, and return it as the bucket lists it."""
        version = self.s3.put_object(Bucket="landing", Key=key, Body=body)["VersionId"]
        page = S3LandedVersions(self.s3, "landing", key).page(None)
        return next(file for file in page.files if (file.key, file.version_id) == (key, version))

    def bundle_id(self) -> str:
        """Return the id of an attempt that began when the files had landed."""
        return new_bundle_id(self.now - 2 * HOUR, next(self._numbers).to_bytes(8, "big"))

    def claim(self, bundle_id: str, *files: LandedFile, lease: float = -HOUR) -> None:
        """Let an attempt claim files; its lease ends so many seconds from now."""
        for file in files:
            claim = Claim(file.identity, bundle_id, self.now + lease, int(self.now) + LIFETIME)
            standing = self.claims.claim(claim, self.now)
            assert standing is None or self.claims.take_over(claim, standing)

    def archive(self, bundle_id: str, *files: LandedFile) -> None:
        """Archive a bundle of files, with its entry in the index."""
        with BundleWriter(bundle_id, self.now, 1_000_000) as writer:
            for file in files:
                body = self.s3.get_object(Bucket="landing", Key=file.key, VersionId=file.version_id or "null")["Body"]
                content = body.read()
                writer.add(file, io.BytesIO(content), len(content), hashlib.sha256(content).hexdigest())
            S3Archive(self.s3, "archive").put(writer.finish())

    def mail(self, bundle_id: str) -> None:
        """Put an archived bundle into the mailbox."""
        S3Mailbox(self.s3, "mailbox", "archive").copy_from_archive(bundle_id)

    def commit(self, bundle_id: str, state: BundleState = BundleState.COMMITTED) -> None:
        """Note how far a bundle came."""
        self.claims.record(BundleRecord(bundle_id, state, int(self.now) + LIFETIME))

    def take(self, bundle_id: str) -> None:
        """Delete a bundle from the mailbox, as whoever has delivered it."""
        self.s3.delete_object(Bucket="mailbox", Key=bundle_key(bundle_id))

    def bundled(self, *files: LandedFile) -> str:
        """Bring files into one bundle in the mailbox; return its id."""
        bundle_id = self.bundle_id()
        self.claim(bundle_id, *files)
        self.archive(bundle_id, *files)
        self.mail(bundle_id)
        self.commit(bundle_id)
        return bundle_id

    def taken(self, *files: LandedFile) -> str:
        """Bring files into one bundle that is gone from the mailbox; return its id."""
        bundle_id = self.bundled(*files)
        self.take(bundle_id)
        return bundle_id

    def set_aside(self, bundle_id: str, refusal: str) -> None:
        """Move a bundle into the quarantine, as the courier does."""
        source = {"Bucket": "mailbox", "Key": bundle_key(bundle_id)}
        self.s3.copy_object(
            Bucket="mailbox",
            Key=quarantine_key(bundle_id),
            CopySource=source,  # pyright: ignore[reportArgumentType]  # a dict of both
            Metadata={"refusal": refusal},
            MetadataDirective="REPLACE",
        )
        self.take(bundle_id)

    def receipt(self, bundle_id: str) -> None:
        """Note that the receiver has acknowledged a bundle."""
        record = DeliveryRecord(DeliveryId(bundle_id), 1, sha256="a" * 64, status=200, delivered_at=self.now - HOUR)
        self.courier.note(record)

    def receive(self, bundle_id: str, *states: DeliveryState) -> None:
        """Note a bundle in the consumer's ledger, as far as it came."""
        self.state.mkdir(exist_ok=True)
        with Ledger(self.state / "ledger.sqlite") as ledger:
            ledger.add_unpacked(LedgerEntry(bundle_id, bundle_key(bundle_id), "a" * 64, 1, 5, 9, "2026-11-26T20:00:00"))
            for state in states:
                ledger.advance(bundle_id, state)

    def reject(self, file: LandedFile, reason: str) -> None:
        """Note that a file's message was moved to the dead letters."""
        self.claims.note_rejection(Rejection(file.identity, reason, int(self.now) + LIFETIME))

    def bury(self, file: LandedFile) -> None:
        """Let SQS move a file's message to the dead letters: nothing is noted of it."""
        self.sqs.send_message(QueueUrl=self.dead, MessageBody=announcement(file))

    def announced(self) -> list[str]:
        """The bodies of all messages in the ingest queue, which are deleted."""
        bodies: list[str] = []
        while messages := self.sqs.receive_message(QueueUrl=self.ingest, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                bodies.append(message.get("Body", ""))
                self.sqs.delete_message(QueueUrl=self.ingest, ReceiptHandle=message.get("ReceiptHandle", ""))
        return bodies


def _waiting(trail: Trail, file: LandedFile) -> None:
    del file
    trail.now -= 1.5 * HOUR


def _in_progress(trail: Trail, file: LandedFile) -> None:
    trail.claim(trail.bundle_id(), file, lease=60)


def _in_mailbox(trail: Trail, file: LandedFile) -> None:
    trail.bundled(file)


def _receiving(trail: Trail, file: LandedFile) -> None:
    trail.receive(trail.bundled(file))


def _received(trail: Trail, file: LandedFile) -> None:
    trail.receive(trail.taken(file), DeliveryState.DELIVERED, DeliveryState.REMOVED)


def _delivered(trail: Trail, file: LandedFile) -> None:
    trail.receipt(trail.taken(file))


def _taken(trail: Trail, file: LandedFile) -> None:
    trail.taken(file)


def _missing(trail: Trail, file: LandedFile) -> None:
    del trail, file


def _unfinished(trail: Trail, file: LandedFile) -> None:
    bundle_id = trail.bundle_id()
    trail.claim(bundle_id, file)
    trail.archive(bundle_id, file)


def _dead_letter(trail: Trail, file: LandedFile) -> None:
    trail.reject(file, "too_large")


def _set_aside(trail: Trail, file: LandedFile) -> None:
    trail.set_aside(trail.bundled(file), "422")


def _unreceived(trail: Trail, file: LandedFile) -> None:
    trail.taken(file)
    trail.receipt(trail.taken(trail.land("another")))


def _unarchived(trail: Trail, file: LandedFile) -> None:
    trail.s3.delete_object(Bucket="archive", Key=bundle_key(trail.taken(file)))


def _twice(trail: Trail, file: LandedFile) -> None:
    trail.bundled(file)
    trail.bundled(file)


WAY: Final[Mapping[FileState, Callable[[Trail, LandedFile], None]]] = {
    FileState.WAITING: _waiting,
    FileState.IN_PROGRESS: _in_progress,
    FileState.IN_MAILBOX: _in_mailbox,
    FileState.RECEIVING: _receiving,
    FileState.RECEIVED: _received,
    FileState.DELIVERED: _delivered,
    FileState.TAKEN: _taken,
    FileState.MISSING: _missing,
    FileState.UNFINISHED: _unfinished,
    FileState.DEAD_LETTER: _dead_letter,
    FileState.SET_ASIDE: _set_aside,
    FileState.UNRECEIVED: _unreceived,
    FileState.UNARCHIVED: _unarchived,
    FileState.TWICE: _twice,
}
"""Brings a file that has landed into a state: the real writers of every place do it."""

TOLD: Final[Mapping[FileState, tuple[str, ...]]] = {
    FileState.RECEIVING: ("--state",),
    FileState.RECEIVED: ("--state",),
    FileState.DELIVERED: ("--courier-table", "courier"),
    FileState.UNRECEIVED: ("--courier-table", "courier"),
}
"""What the command must be told beside, to know it; `--state` goes with the folder's path."""


def told(trail: Trail, state: FileState) -> list[str]:
    """Return the options that let a command know of a state."""
    return [
        part for word in TOLD.get(state, ()) for part in ((word, str(trail.state)) if word == "--state" else (word,))
    ]
