"""Bad input at the deployed program: it stops nothing beside it, is told by its reason, and ends where people look."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from harness.events import s3_event, s3_record
from harness.pipeline import wait_until

from baler.files.ledger.ledger import Ledger
from sandbox.iam.parties import environment_of

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from conftest import DeployPipeline
    from harness.pipeline import Pipeline

# Of records in one message: three batches.
MANY = 300
HOSTILE = {
    "empty": b"",
    "n" * 1024: b"one long name",
    "ü" * 512: b"1,024 bytes, 512 letters",
    "a/" * 511 + "bc": b"512 levels",
    "../" * 341 + "x": b"far up",
    "../outside": b"up",
    "/absolute": b"absolute",
    "a/../../outside": b"up again",
    "trailing/..": b"up at last",
    "control\x01\x1b[31m\r\nforged: line\x7f": b"control characters",
    "name": b"lower case",
    "NAME": b"upper case",
    "caf\u00e9": b"composed",
    "cafe\u0301": b"decomposed",
    "taken": b"file",
    "taken/by-a-file": b"below it",
}


@pytest.fixture
def into(tmp_path: Path) -> Iterator[Path]:
    yield tmp_path / "site" / "received"
    # pytest's own clean-up calls itself for every level of a folder, and gives up after some hundreds.
    subprocess.run(["rm", "-rf", str(tmp_path / "site")], check=True)


@pytest.mark.requirement("PULL-REQ-06")
def test_every_hostile_key_reaches_the_consumer_exactly_and_nothing_lies_outside_its_folder(
    pipeline: Pipeline, into: Path
) -> None:
    for key, body in HOSTILE.items():
        pipeline.land(key, body)
    pipeline.wait_for_files(*HOSTILE)
    program = [sys.executable, "-m", "baler.cli.main", "consume", "--once", "--into", str(into)]
    subprocess.run(
        [*program, "--mailbox", pipeline.deployed.distribution_bucket],
        env={**os.environ, **environment_of(pipeline.deployed, "consumer")},
        check=True,
        capture_output=True,
    )
    with Ledger(into.with_name("received.state") / "ledger.sqlite") as ledger:
        noted = {path: key for path, key, _, _ in ledger.places()}
    found = subprocess.run(["find", ".", "-type", "f", "-print0"], cwd=into, check=True, capture_output=True)
    paths = [path.removeprefix("./") for path in found.stdout.decode().split("\0") if path]
    assert {noted.get(path, path): (into / path).read_bytes() for path in paths} == HOSTILE
    assert len(paths) == len(HOSTILE)
    assert {path.name for path in into.parent.iterdir()} == {"received", "received.state"}
    assert pipeline.mailed() == {}


@pytest.mark.requirement("PULL-NFR-05")
def test_hundreds_of_records_in_one_message_are_bundled_each_once(deploy_pipeline: DeployPipeline) -> None:
    # S3 sends one, somebody's own program perhaps many: more than a batch, and on any machine no more than the
    # receives of a message have time for.
    pipeline = deploy_pipeline(filesFunctionTimeoutSeconds=19)
    landing = pipeline.deployed.landing_bucket
    # Without its own events, which would bundle the files before the one message is read.
    pipeline.aws.s3.put_bucket_notification_configuration(Bucket=landing, NotificationConfiguration={})
    keys = [f"record-{number}" for number in range(MANY)]
    with ThreadPoolExecutor(8) as pool:
        versions = list(pool.map(pipeline.land, keys, (key.encode() for key in keys)))
    records = [
        s3_record(key, version=version, bucket=landing, size=len(key))
        for key, version in zip(keys, versions, strict=True)
    ]
    pipeline.send(s3_event(*records))
    wait_until("all files in the archive", pipeline.archived_keys, lambda found: len(found) >= MANY)
    pipeline.wait_until_idle()
    assert Counter(pipeline.archived_keys()) == Counter(keys)
    assert pipeline.mailed() == pipeline.archived()
    assert pipeline.messages(pipeline.deployed.dead_letter_queue_url) == 0


@pytest.mark.requirement("PULL-NFR-08")
def test_a_file_that_s3_does_not_hand_out_is_told_and_the_files_beside_it_are_bundled(
    deploy_pipeline: DeployPipeline,
) -> None:
    pipeline = deploy_pipeline()
    landing = pipeline.deployed.landing_bucket
    refused: dict[str, dict[str, Any]] = {
        "in-glacier": {"StorageClass": "GLACIER"},
        "with-a-key-of-the-party's-own": {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": "k" * 32},
    }
    # The bucket's policy refuses such files to everybody: this is a bucket that has lost it.
    pipeline.aws.s3.delete_bucket_policy(Bucket=landing)
    for key, options in refused.items():
        pipeline.aws.s3.put_object(Bucket=landing, Key=key, Body=b"sealed", **options)
        pipeline.land(f"beside-{key}")
    beside = sorted(f"beside-{key}" for key in refused)
    wait_until("the files beside them", pipeline.archived_keys, lambda found: found == beside)
    # Told once more after the first retry: they are neither lost nor given up at once.
    wait_until(
        "every refusal, twice",
        lambda: _left_in_the_queue(pipeline, "unreadable"),
        lambda told: all(told[key] >= 2 for key in refused),
    )
    assert pipeline.archived_keys() == beside


def test_an_event_whose_size_lies_ends_in_the_dead_letter_queue_and_the_file_itself_in_a_bundle(
    deploy_pipeline: DeployPipeline,
) -> None:
    pipeline = deploy_pipeline()
    landing = pipeline.deployed.landing_bucket
    pipeline.aws.s3.put_bucket_notification_configuration(Bucket=landing, NotificationConfiguration={})
    version = pipeline.land("large", b"x" * 100_000)
    pipeline.send(lie := s3_event(s3_record("large", version=version, bucket=landing, size=1)))
    assert pipeline.take_dead_letters(1) == [lie]
    assert set(_left_in_the_queue(pipeline, "larger_than_told")) == {"large"}
    pipeline.send(s3_event(s3_record("large", version=version, bucket=landing, size=100_000)))
    pipeline.wait_for_files("large")


def _left_in_the_queue(pipeline: Pipeline, reason: str) -> Counter[str]:
    """The keys that were left in the queue for this reason, as often as that was logged."""
    lines = (line for line in pipeline.logs().splitlines() if line.startswith("{"))
    told = (json.loads(line) for line in lines)
    return Counter(entry["key"] for entry in told if entry.get("reason") == reason and "key" in entry)
