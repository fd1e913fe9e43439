"""A pipeline deployed on LocalStack, as tests handle it. Nothing of it is fake but the cloud."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from baler.files.bundle.fence import META_FENCE
from baler.files.bundle.ids import PREFIX
from harness.content_check import MARKER, Content
from sandbox.demo.archive import archived_bundles
from sandbox.iam.parties import endpoint_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from sandbox.deployed import DeployedFiles

T = TypeVar("T")

# Several times the longest visibility timeout of a test: on a busy machine attempts may be ended by their deadline, and
# their messages are back only after that. It bounds a failure, not a success.
DEADLINE_SECONDS = 600.0
# A file's, where a test does not care.
BODY = f"hello {MARKER}".encode()


def wait_until(what: str, look: Callable[[], T], wanted: Callable[[T], bool], seconds: float = DEADLINE_SECONDS) -> T:
    """Look until what is seen is what is wanted; fail with both where it never is."""
    deadline = time.monotonic() + seconds
    while True:
        seen = look()
        if wanted(seen):
            return seen
        if time.monotonic() > deadline:
            raise AssertionError(f"waited {seconds:.0f} s for {what}; the last that was seen: {seen!r}")
        time.sleep(0.2)


@dataclass(frozen=True)
class Bundle:
    """A bundle in a bucket."""

    key: str
    body: bytes
    metadata: dict[str, str]
    checksum: str

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.body).hexdigest()

    def manifest(self) -> dict[str, Any]:
        return json.loads(self._member("MANIFEST.json"))

    def file_keys(self) -> list[str]:
        """The keys of the files, as often as they are there."""
        return [file["key"] for file in self.manifest()["files"]]

    def contents(self) -> dict[str, bytes]:
        """The files by their exact keys."""
        return {file["key"]: self._member(file["member"]) for file in self.manifest()["files"]}

    def _member(self, name: str) -> bytes:
        with tarfile.open(fileobj=io.BytesIO(self.body)) as tar:
            stream = tar.extractfile(name)
            assert stream is not None
            return stream.read()


class Pipeline:
    """The deployed stack, and clients for it."""

    def __init__(self, deployed: DeployedFiles, content: Content) -> None:
        self.deployed = deployed
        self._content = content
        self.aws = endpoint_of(deployed, "operator")
        self._external_party = endpoint_of(deployed, "external-party")
        self._forgotten: set[str] = set()

    def land(self, key: str, body: bytes = BODY) -> str:
        """Put a file as the external party does; return its version."""
        self._content.landed(key, body)
        bucket = self.deployed.landing_bucket
        put = self._external_party.s3.put_object
        return put(Bucket=bucket, Key=key, Body=body, Metadata={"note": MARKER})["VersionId"]

    def send(self, body: str) -> None:
        """Put a message into the ingest queue, as S3 or anybody might."""
        self._content.sent(body)
        self.aws.sqs.send_message(
            QueueUrl=self.deployed.ingest_queue_url,
            MessageBody=body,
            MessageAttributes={"note": {"DataType": "String", "StringValue": MARKER}},
        )

    def bundles(self, bucket: str) -> dict[str, Bundle]:
        """The bundles in a bucket that have come since forget(), by key; fences are no bundles."""
        found: dict[str, Bundle] = {}
        for page in self.aws.s3.get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=PREFIX):
            for item in page.get("Contents", []):
                key = item.get("Key", "")
                if key in self._forgotten:
                    continue
                try:
                    answer = self.aws.s3.get_object(Bucket=bucket, Key=key, ChecksumMode="ENABLED")
                except self.aws.s3.exceptions.NoSuchKey:
                    # A consumer took it since the list was made.
                    continue
                if META_FENCE not in answer["Metadata"]:
                    checksum = answer.get("ChecksumSHA256", "")
                    found[key] = Bundle(key, answer["Body"].read(), answer["Metadata"], checksum)
        return found

    def archived(self) -> dict[str, Bundle]:
        return self.bundles(self.deployed.archive_bucket)

    def mailed(self) -> dict[str, Bundle]:
        return self.bundles(self.deployed.distribution_bucket)

    def archived_keys(self) -> list[str]:
        """Every key in every archived bundle, as often as it is there, sorted."""
        return sorted(key for bundle in self.archived().values() for key in bundle.file_keys())

    def forget(self) -> None:
        """Leave out of sight what is there, and empty the mailbox."""
        bucket = self.deployed.distribution_bucket
        for key in self.mailed():
            self.aws.s3.delete_object(Bucket=bucket, Key=key)
        self._forgotten |= {bundle.key for bundle in archived_bundles(self.aws.s3, self.deployed.archive_bucket)}

    def wait_for_files(self, *keys: str) -> None:
        """Wait until these files, and no others, are archived and everything archived is in the mailbox."""
        wait_until("files in the archive", self.archived_keys, lambda found: len(found) >= len(keys))
        self.wait_until_idle()
        assert self.archived_keys() == sorted(keys)
        assert self.mailed() == self.archived()

    def wait_until_idle(self) -> None:
        """Wait until the ingest queue is empty and nothing in it is being worked on."""
        wait_until("an empty ingest queue", lambda: self.messages(self.deployed.ingest_queue_url), lambda n: n == 0)

    def messages(self, url: str) -> int:
        """How many messages a queue holds, seen or unseen."""
        names = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
        found = self.aws.sqs.get_queue_attributes(QueueUrl=url, AttributeNames=names)["Attributes"]
        return sum(int(found[name]) for name in names)

    def take_dead_letters(self, count: int) -> list[str]:
        """Wait for that many dead letters; return their bodies and delete them."""
        url = self.deployed.dead_letter_queue_url
        wait_until(f"{count} dead letters", lambda: self.messages(url), lambda found: found >= count)
        bodies: list[str] = []
        while messages := self.aws.sqs.receive_message(QueueUrl=url, MaxNumberOfMessages=10).get("Messages"):
            for message in messages:
                bodies.append(message.get("Body", ""))
                self.aws.sqs.delete_message(QueueUrl=url, ReceiptHandle=message.get("ReceiptHandle", ""))
        return bodies

    def logs(self) -> str:
        """Every line that the function has logged."""
        group = self.deployed.aggregator_log_group
        pages = self.aws.logs.get_paginator("filter_log_events").paginate(logGroupName=group)
        return "\n".join(event.get("message", "") for page in pages for event in page["events"])
