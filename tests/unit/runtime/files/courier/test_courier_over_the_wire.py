"""The courier with what it has in Lambda: S3 and DynamoDB behind an address, and a receiver over TLS."""

from __future__ import annotations

import hashlib
import io
import os
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import pytest
from harness.courier import LIMITS
from harness.scripted_receiver import CONTINUE, OK, header_of, http_receiver, scripted_receiver

from baler.files.aws.bundle_object import put_bundle
from baler.files.aws.courier_table import DynamoCourierTable
from baler.files.bundle.ids import bundle_key, new_bundle_id, quarantine_key
from baler.files.bundle.manifest import META_FILE_COUNT, META_SHA256
from baler.files.courier.breaker import Breaker
from baler.files.courier.delivery_record import DeliveryId
from runtime.files.aws.crew import ThreadCrew
from runtime.files.aws.mailbox import S3CourierMailbox
from runtime.files.courier.courier import Courier

if TYPE_CHECKING:
    from collections.abc import Iterator

    from harness.scripted_receiver import Peer, ScriptedReceiver
    from mypy_boto3_s3 import S3Client

    from runtime.files.aws.clients import CourierClients
    from runtime.files.courier.run_report import RunReport

NOW = 1_795_165_262.0
IDS = [new_bundle_id(NOW + second, b"12345678") for second in range(6)]


def put(s3: S3Client, bundle_id: str, body: bytes) -> None:
    metadata = {META_SHA256: hashlib.sha256(body).hexdigest(), META_FILE_COUNT: "1"}
    put_bundle(s3, bucket="mailbox", bundle_id=bundle_id, body=io.BytesIO(body), metadata=metadata, replace=True)


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(LIMITS.parallel_sends) as made:
        yield made


def run(clients: CourierClients, receiver: ScriptedReceiver, pool: ThreadPoolExecutor) -> RunReport:
    deadline = time.time() + 60
    with http_receiver(receiver.endpoint) as to:
        return Courier(
            mailbox=S3CourierMailbox(clients.mailbox, "mailbox", deadline),
            receiver=to,
            table=DynamoCourierTable(clients.table, "courier", 86_400, deadline),
            crew=ThreadCrew(pool),
            limits=LIMITS,
            clock=time.time,
            pause=time.sleep,
            new_owner=lambda: os.urandom(8).hex(),
        ).run(deadline)


def keeping(peer: Peer) -> None:
    """Take each request of a connection whole, and say 200."""
    while head := peer.head():
        if header_of(head, "Expect"):
            peer.say(CONTINUE)
        wanted = int(header_of(peer.heads[-1], "content-length") or 0)
        if peer.body() < wanted:
            return
        peer.say(OK)


def test_bundles_of_any_size_arrive_have_their_receipts_and_are_gone(
    s3: S3Client, clients: CourierClients, pool: ThreadPoolExecutor
) -> None:
    bodies = {each: os.urandom(size) for each, size in zip(IDS, (0, 1, 98_304, 98_305, 300_000, 20), strict=True)}
    for bundle_id, body in bodies.items():
        put(s3, bundle_id, body)
    with scripted_receiver(keeping) as receiver:
        report = run(clients, receiver, pool)
    assert sorted(done.delivery.bundle_id for done in report.delivered) == IDS
    assert receiver.body_bytes == sum(map(len, bodies.values()))
    table = DynamoCourierTable(clients.table, "courier", 86_400)
    for bundle_id, body in bodies.items():
        receipt = table.record(DeliveryId(bundle_id))
        assert receipt is not None, "an acknowledged bundle has a receipt"
        assert (receipt.sha256, receipt.status) == (hashlib.sha256(body).hexdigest(), 200)
    assert "Contents" not in s3.list_objects_v2(Bucket="mailbox")


@pytest.mark.parametrize("size", [10, 300_000])
def test_a_damaged_bundle_is_never_complete_at_the_receiver_and_is_set_aside(
    s3: S3Client, clients: CourierClients, pool: ThreadPoolExecutor, size: int
) -> None:
    damaged, good = IDS[:2]
    metadata = {META_SHA256: "ab" * 32, META_FILE_COUNT: "1"}
    s3.put_object(Bucket="mailbox", Key=bundle_key(damaged), Body=os.urandom(size), Metadata=metadata)
    put(s3, good, b"good")
    with scripted_receiver(keeping) as receiver:
        report = run(clients, receiver, pool)
    assert [done.delivery.bundle_id for done in report.delivered] == [good]
    assert receiver.body_bytes < size + len(b"good")
    assert [item.get("Key") for item in s3.list_objects_v2(Bucket="mailbox").get("Contents", [])] == [
        quarantine_key(damaged)
    ]
    assert (report.breaker, report.failed, report.failure) == (Breaker(), (), None)
