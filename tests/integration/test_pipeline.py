"""The deployed program on LocalStack: from a file that lands to a bundle in both buckets."""

from __future__ import annotations

import base64
import json
import subprocess
from typing import TYPE_CHECKING

import pytest
from harness.events import s3_event, s3_record
from harness.pipeline import wait_until

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import DeployPipeline
    from harness.pipeline import Pipeline

AWKWARD_KEYS = [
    "plain.txt",
    "with space.txt",
    "plus+and%percent.txt",
    "a%20b%2Fc.txt",
    "hash#question?and&amp=.txt",
    "ünïcödé/日本語/🎈.txt",
    "cafe\u0301.txt",
    ".hidden/.dotfile",
    "-leading-dash",
    "deep/" * 40 + "file",
    "quote'double\"back\\slash.txt",
    "semi;colon,comma:~!@$^*(){}[]|<>=",
    " leading and trailing ",
    "tab\tand\nnewline",
    "x" * 255,
    "/absolute",
    "../up",
    "a//b",
    "trailing/",
    "y" * 1000,
]


@pytest.mark.requirement(
    "PULL-REQ-01",
    "PULL-REQ-02",
    "PULL-REQ-03",
    "PULL-REQ-04",
    "PULL-REQ-05",
    "PULL-NFR-09",
    "PUSH-INTEG-01",
    "PUSH-E2E-01",
)
def test_landed_files_become_a_bundle_with_the_same_bytes_and_hash_in_both_buckets(
    pipeline: Pipeline, tmp_path: Path
) -> None:
    files = {f"device-{number}/reading.json": f"reading {number}\n".encode() * number for number in range(30)}
    for key, body in files.items():
        pipeline.land(key, body)
    pipeline.wait_for_files(*files)
    contents: dict[str, bytes] = {}
    for bundle in pipeline.mailed().values():
        assert bundle.metadata["content-sha256"] == bundle.sha256
        assert bundle.metadata["file-count"] == str(len(bundle.contents()))
        assert bundle.checksum == base64.b64encode(bytes.fromhex(bundle.sha256)).decode()
        contents |= bundle.contents()
        (tmp_path / "bundle.tar.gz").write_bytes(bundle.body)
        (tmp_path / "sums").write_text(f"{bundle.metadata['content-sha256']}  bundle.tar.gz\n")
        subprocess.run(["sha256sum", "--check", "--status", "sums"], cwd=tmp_path, check=True)
        subprocess.run(["tar", "xzf", "bundle.tar.gz"], cwd=tmp_path, check=True)
    assert contents == files
    assert all((tmp_path / "files" / key).read_bytes() == body for key, body in files.items())


def test_every_key_that_s3_takes_survives_exactly(pipeline: Pipeline) -> None:
    for number, key in enumerate(AWKWARD_KEYS):
        pipeline.land(key, f"body {number}".encode())
    pipeline.wait_for_files(*AWKWARD_KEYS)
    found = {key: body for bundle in pipeline.mailed().values() for key, body in bundle.contents().items()}
    assert found == {key: f"body {number}".encode() for number, key in enumerate(AWKWARD_KEYS)}


def test_a_key_that_is_put_again_is_bundled_with_both_contents(pipeline: Pipeline) -> None:
    versions = [pipeline.land("again", body) for body in (b"first", b"second")]
    pipeline.wait_for_files("again", "again")
    files = [file for bundle in pipeline.mailed().values() for file in bundle.manifest()["files"]]
    assert sorted(file["version_id"] for file in files) == sorted(versions)


@pytest.mark.requirement("PULL-REQ-02")
def test_an_event_that_comes_again_makes_no_second_bundle(pipeline: Pipeline) -> None:
    version = pipeline.land("once")
    pipeline.wait_for_files("once")
    record = s3_record("once", version=version, bucket=pipeline.deployed.landing_bucket)
    pipeline.send(s3_event(record))
    pipeline.send(s3_event(record, record))
    pipeline.wait_until_idle()
    assert pipeline.archived_keys() == ["once"]
    assert pipeline.messages(pipeline.deployed.dead_letter_queue_url) == 0


def test_the_test_event_of_s3_is_taken_and_forgotten(pipeline: Pipeline) -> None:
    pipeline.send(json.dumps({"Service": "Amazon S3", "Event": "s3:TestEvent", "Bucket": "x"}))
    pipeline.land("after")
    pipeline.wait_for_files("after")
    assert pipeline.messages(pipeline.deployed.dead_letter_queue_url) == 0


@pytest.mark.requirement("PULL-NFR-08", "PUSH-E2E-03", "PUSH-AVAIL-06")
def test_poison_ends_in_the_dead_letter_queue_and_the_files_beside_it_in_a_bundle(pipeline: Pipeline) -> None:
    poison = ["not json", '{"Records": []}', '["neither"]']
    pipeline.forget()
    for number, body in enumerate(poison):
        pipeline.send(body)
        pipeline.land(f"good-{number}")
    assert sorted(pipeline.take_dead_letters(len(poison))) == sorted(poison)
    pipeline.wait_for_files("good-0", "good-1", "good-2")


def test_a_file_above_the_limit_ends_in_the_dead_letter_queue_and_stays_in_the_landing_bucket(
    deploy_pipeline: DeployPipeline,
) -> None:
    small = deploy_pipeline(filesMaxFileMegabytes=1)
    small.land("large", b"x" * (1024 * 1024 + 1))
    small.land("fits", b"x" * (1024 * 1024))
    (letter,) = small.take_dead_letters(1)
    assert json.loads(letter)["Records"][0]["s3"]["object"]["key"] == "large"
    small.wait_for_files("fits")
    assert small.aws.s3.head_object(Bucket=small.deployed.landing_bucket, Key="large")["ContentLength"] > 1024 * 1024


@pytest.mark.requirement("PULL-NFR-06", "PULL-NFR-07")
def test_the_function_logs_what_it_did_and_never_what_was_in_the_files(pipeline: Pipeline) -> None:
    pipeline.forget()
    pipeline.land("logged-key", b"c0ntent-marker " * 10)
    pipeline.send('{"secret": "m3ssage-marker"}')
    pipeline.wait_for_files("logged-key")
    (key,) = pipeline.archived()
    bundle_id = key.rpartition("/")[2].removesuffix(".tar.gz")
    # They may be of two batches, which are at work beside each other.
    logs = wait_until("both in the log", pipeline.logs, lambda lines: bundle_id in lines and '"malformed"' in lines)
    assert '"Bundles"' in logs
    assert "c0ntent-marker" not in logs
    assert "m3ssage-marker" not in logs
    pipeline.take_dead_letters(1)
