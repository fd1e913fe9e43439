"""`baler dead-letters` as an operator runs it, at the queues of a deployed pipeline."""

from __future__ import annotations

import json
import os
import pty
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
from harness.events import s3_event, s3_record
from harness.pipeline import wait_until

from sandbox.iam.parties import environment_of

if TYPE_CHECKING:
    from pathlib import Path

    from conftest import DeployPipeline
    from harness.pipeline import Pipeline


@pytest.fixture(scope="module")
def own_pipeline(deploy_pipeline: DeployPipeline) -> Pipeline:
    return deploy_pipeline()


def environment(pipeline: Pipeline) -> dict[str, str]:
    stack = pipeline.deployed
    return {
        **os.environ,
        **environment_of(stack, "operator"),
        "BALER_DEAD_LETTER_QUEUE_URL": stack.dead_letter_queue_url,
        "BALER_INGEST_QUEUE_URL": stack.ingest_queue_url,
        "BALER_LANDING_BUCKET": stack.landing_bucket,
        "BALER_CLAIM_TABLE": stack.claim_table,
    }


def dead_letters(pipeline: Pipeline, folder: Path, *arguments: str, stdin: int = subprocess.DEVNULL) -> str:
    done = subprocess.run(
        [sys.executable, "-m", "baler.cli.main", "dead-letters", *arguments],
        cwd=folder,
        env=environment(pipeline),
        stdin=stdin,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.mark.requirement("PULL-NFR-08")
def test_an_operator_finds_the_reasons_redrives_the_good_and_discards_the_poison(
    own_pipeline: Pipeline, tmp_path: Path
) -> None:
    stack = own_pipeline.deployed
    gone = s3_event(s3_record("gone", version="no-such-version", bucket=stack.landing_bucket))
    own_pipeline.send("not json")
    wait_until("a dead letter", lambda: own_pipeline.messages(stack.dead_letter_queue_url), lambda found: found == 1)
    # The function may not list, so S3 does not tell it that a file is gone: that message is received for hours before
    # it is dead, as it is here from the start.
    own_pipeline.aws.sqs.send_message(QueueUrl=stack.dead_letter_queue_url, MessageBody=gone)
    # A good message that ran out of receives while something was away: its file landed, and is in no bundle.
    own_pipeline.land("bundled", b"1")
    own_pipeline.wait_for_files("bundled")
    good = good_message(own_pipeline)
    own_pipeline.aws.sqs.send_message(QueueUrl=stack.dead_letter_queue_url, MessageBody=good)

    listed = [json.loads(line) for line in dead_letters(own_pipeline, tmp_path, "list", "--json").splitlines()]
    assert {letter["found"]: [file["key"] for file in letter["files"]] for letter in listed} == {
        "malformed": [],
        "object_missing": ["gone"],
        "transient": ["good"],
    }
    assert [letter["receives"] for letter in listed if letter["found"] == "malformed"] == [1]
    assert own_pipeline.messages(stack.dead_letter_queue_url) == 3, "looking hides nothing"

    assert "Sent 1 message" in dead_letters(own_pipeline, tmp_path, "redrive", "--found", "transient")
    own_pipeline.wait_for_files("bundled", "good")
    own_pipeline.aws.sqs.send_message(QueueUrl=stack.dead_letter_queue_url, MessageBody=good)
    assert "  bundled  " in dead_letters(own_pipeline, tmp_path, "list")
    dead_letters(own_pipeline, tmp_path, "redrive", "--found", "bundled")
    own_pipeline.wait_for_files("bundled", "good")

    poison = next(letter["message_id"] for letter in listed if letter["found"] == "malformed")
    leader, terminal = pty.openpty()
    try:
        os.write(leader, b"y\n")
        said = dead_letters(own_pipeline, tmp_path, "discard", poison[:8], "--reason", "not from S3", stdin=terminal)
    finally:
        os.close(leader)
        os.close(terminal)
    assert "Discard 1 message, announcing 0 files, for good?" in said
    (line,) = [json.loads(line) for line in (tmp_path / "baler-audit.jsonl").read_text().splitlines()]
    assert (line["message_id"], line["reason"], line["found"]) == (poison, "not from S3", "malformed")
    assert line["caller"].startswith("arn:aws:")
    assert own_pipeline.take_dead_letters(1) == [gone]


def good_message(pipeline: Pipeline) -> str:
    """Let a file land unseen by the pipeline, and return the message that announces it."""
    stack, s3 = pipeline.deployed, pipeline.aws.s3
    configuration = s3.get_bucket_notification_configuration(Bucket=stack.landing_bucket)
    s3.put_bucket_notification_configuration(Bucket=stack.landing_bucket, NotificationConfiguration={})
    version = pipeline.land("good", b"2")
    s3.put_bucket_notification_configuration(
        Bucket=stack.landing_bucket,
        NotificationConfiguration={"QueueConfigurations": configuration.get("QueueConfigurations", [])},
    )
    return s3_event(s3_record("good", version=version, size=1, bucket=stack.landing_bucket))
