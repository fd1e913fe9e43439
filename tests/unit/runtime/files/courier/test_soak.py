"""The courier holds no more after hundreds of bundles, and an outage in the middle, than after the first."""

from __future__ import annotations

import hashlib
import io
import json
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import boto3
import pytest
from harness.consumer import make_bundle
from moto.server import ThreadedMotoServer

from baler.files.aws.bundle_object import put_bundle
from baler.files.aws.courier_table import KEY
from baler.files.bundle.manifest import META_FILE_COUNT, META_SHA256
from sandbox.receivers.running_listener import running_listener

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sandbox.receivers.running_listener import Listener

PROJECT: Final = Path(__file__).parents[5]
AWS: Final = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",  # pragma: allowlist secret
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_REGION": "us-east-1",
}
RUNS: Final = 10
BUNDLES: Final = 25
"""In the mailbox before each run."""
OUTAGE: Final = 5
"""The run in which nobody listens."""
SETTLED: Final = 3
"""Runs after which connections, threads and caches are there."""


@dataclass(frozen=True)
class Held:
    """What the process has after a run."""

    delivered: int
    resident_bytes: int
    descriptors: int
    threads: int


@pytest.fixture
def listener(tmp_path: Path) -> Iterator[Listener]:
    with running_listener(tmp_path / "listener") as running:
        yield running


@pytest.fixture
def stores(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """An empty mailbox and courier's table behind an address, which is yielded."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    url = "http://{}:{}".format(*server.get_host_and_port())
    for name, value in AWS.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("AWS_ENDPOINT_URL", url)
    boto3.client("s3").create_bucket(Bucket="mailbox")
    boto3.client("dynamodb").create_table(
        TableName="courier",
        KeySchema=[{"AttributeName": KEY, "KeyType": "HASH"}],
        AttributeDefinitions=[{"AttributeName": KEY, "AttributeType": "S"}],
        BillingMode="PAY_PER_REQUEST",
    )
    yield url
    server.stop()


@pytest.fixture
def run(listener: Listener, stores: str) -> Iterator[Callable[[], Held]]:
    secret = boto3.client("secretsmanager").create_secret(Name="receiver", SecretString=json.dumps(listener.secret()))
    given = {
        **AWS,
        "AWS_ENDPOINT_URL": stores,
        "POWERTOOLS_SERVICE_NAME": "courier",
        "POWERTOOLS_TRACE_DISABLED": "true",
        "POWERTOOLS_LOG_LEVEL": "ERROR",
        "STACK": "soak",
        "DISTRIBUTION_BUCKET": "mailbox",
        "COURIER_TABLE": "courier",
        "DELIVERY": "http",
        "RECEIVER_URL": listener.url,
        "RECEIVER_ADDRESS": listener.address,
        "RECEIVER_SECRET": secret["ARN"],
        "SEND_TIMEOUT_SECONDS": "30",
        "FAILURES_TO_OPEN": "3",
        "PROBE_INTERVAL_SECONDS": "1",
        "PARALLEL_SENDS": "4",
        "REFUSAL_TRIES": "3",
        "CREDENTIALS_GRACE_SECONDS": "300",
        "RECEIPT_LIFETIME_SECONDS": "86400",
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "harness.courier_process"],
        env={"PATH": os.environ["PATH"], "PYTHONPATH": f"{PROJECT}:{PROJECT / 'tests'}", **given},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    stdin, stdout = process.stdin, process.stdout

    def invoke() -> Held:
        stdin.write("\n")
        stdin.flush()
        came: dict[str, Any] = json.loads(stdout.readline())
        assert "answer" in came, came
        return Held(came["answer"]["delivered"], came["resident_bytes"], came["descriptors"], came["threads"])

    with process:
        yield invoke
        process.kill()


def put(first: int, count: int) -> None:
    s3 = boto3.client("s3")
    for number in range(first, first + count):
        bundle_id, body = make_bundle([(f"readings/{number}", os.urandom(150_000))], number)
        put_bundle(
            s3,
            bucket="mailbox",
            bundle_id=bundle_id,
            body=io.BytesIO(body),
            metadata={META_SHA256: hashlib.sha256(body).hexdigest(), META_FILE_COUNT: "1"},
            replace=True,
        )


@pytest.mark.requirement("PUSH-LOAD-03")
def test_memory_sockets_and_threads_stay_the_same_over_hundreds_of_bundles(
    run: Callable[[], Held], listener: Listener
) -> None:
    held: list[Held] = []
    for number in range(RUNS):
        put(number * BUNDLES, BUNDLES)
        if number == OUTAGE:
            listener.stop()
        held.append(run())
        if number == OUTAGE:
            assert held[-1].delivered == 0
            listener.start()
    while sum(each.delivered for each in held) < RUNS * BUNDLES:
        assert len(held) < 2 * RUNS, "bundles stay in the mailbox"
        held.append(run())
    assert len(listener.bundles()) == RUNS * BUNDLES

    early, late = held[SETTLED], held[-1]
    assert late.threads <= early.threads
    # As many connections as bundles are sent beside each other may be kept, to the receiver as to S3 and DynamoDB.
    assert late.descriptors <= early.descriptors + 4
    assert late.resident_bytes < 1.1 * early.resident_bytes
