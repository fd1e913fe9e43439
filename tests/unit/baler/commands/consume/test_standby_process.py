"""Two real processes on one mailbox, of which one works and the other takes over."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import subprocess
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from harness.consumer import make_bundle, wait_until
from harness.s3_server import REGION, S3Server, s3_server

from baler.files.bundle.ids import bundle_key

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

PROJECT = Path(__file__).parents[5]
FILES = 8
BUNDLES = 5


@dataclass
class Consumer:
    process: subprocess.Popen[bytes]
    into: Path
    log: Path

    def events(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.read_text().splitlines() if line.endswith("}")]

    def said(self, kind: str) -> bool:
        return any(event["event"] == kind for event in self.events())

    def contents(self) -> list[bytes]:
        return [path.read_bytes() for path in self.into.rglob("*") if path.is_file()]


@pytest.fixture
def server() -> Iterator[S3Server]:
    with s3_server() as server:
        server.client.create_bucket(Bucket="mailbox", CreateBucketConfiguration={"LocationConstraint": REGION})
        keys: dict[str, Any] = {"region_name": REGION, "aws_access_key_id": "t", "aws_secret_access_key": "t"}
        boto3.client("dynamodb", **keys).create_table(
            TableName="lease",
            KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
            AttributeDefinitions=[{"AttributeName": "pk", "AttributeType": "S"}],
            BillingMode="PAY_PER_REQUEST",
        )
        yield server


@contextmanager
def consumer(server: S3Server, folder: Path, *options: str) -> Generator[Consumer]:
    folder.mkdir()
    into, log = folder / "received", folder / "log"
    command = [sys.executable, "-m", "baler.cli.main", "consume", "--mailbox", "mailbox", "--into", str(into)]
    with (
        log.open("wb") as out,
        subprocess.Popen(
            [*command, "--json", "--poll", "0.1", *options],
            cwd=PROJECT,
            env={"PATH": os.environ["PATH"], "HOME": str(folder), **server.environment},
            stdout=out,
        ) as process,
    ):
        try:
            yield Consumer(process, into, log)
        finally:
            process.send_signal(signal.SIGCONT)
            process.kill()


def put(server: S3Server, numbers: range) -> set[bytes]:
    contents: set[bytes] = set()
    for number in numbers:
        files = [(f"{number}/{each}", f"{number} {each}".encode()) for each in range(FILES)]
        bundle_id, body = make_bundle(files, number)
        metadata = {"content-sha256": hashlib.sha256(body).hexdigest()}
        server.client.put_object(Bucket="mailbox", Key=bundle_key(bundle_id), Body=body, Metadata=metadata)
        contents |= {content for _, content in files}
    return contents


@pytest.mark.requirement("PULL-REQ-06")
@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "stopped"])
def test_when_the_one_that_works_is_killed_or_stopped_the_other_takes_over_and_each_file_arrives_once(
    server: S3Server, tmp_path: Path, number: signal.Signals
) -> None:
    lease = ("--lease-table", "lease", "--lease-seconds", "3")
    expected = put(server, range(1, 2))
    with consumer(server, tmp_path / "a", *lease) as first:
        wait_until(lambda: len(first.contents()) == FILES, "the first delivers")
        with consumer(server, tmp_path / "b", *lease) as second:
            wait_until(lambda: second.said("standby"), "the second stands by")
            expected |= put(server, range(2, 2 + BUNDLES))
            wait_until(lambda: len(first.contents()) > FILES, "the first is at work")
            first.process.send_signal(number)
            expected |= put(server, range(10, 12))

            def empty() -> bool:
                return server.client.list_objects_v2(Bucket="mailbox")["KeyCount"] == 0

            wait_until(empty, "the second takes over and empties the mailbox")
            first.process.send_signal(signal.SIGCONT)
            if number == signal.SIGSTOP:
                wait_until(lambda: first.said("standby"), "the first knows that it stands by")

            arrived = first.contents() + second.contents()
            assert set(arrived) == expected
            # What arrived twice is of the one bundle that the second has named.
            named = [event["key"] for event in second.events() if event["event"] == "takeover"]
            twice = {content.split()[0] for content in arrived if arrived.count(content) > 1}
            assert len(twice) <= len(named) <= 1


def test_without_a_lease_a_second_one_on_this_machine_is_refused(server: S3Server, tmp_path: Path) -> None:
    expected = put(server, range(1, 1 + BUNDLES))
    with consumer(server, tmp_path / "a") as first:
        wait_until(lambda: first.said("bundle"), "the first works")
        with consumer(server, tmp_path / "b") as second:
            assert second.process.wait(120) == 1
            wait_until(lambda: len(first.contents()) == len(expected), "the first delivers everything")
            assert second.contents() == []
