"""What was delivered long ago comes back from Deep Archive: to the running consumer by a replay, to hand by extract."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import pytest
from botocore.exceptions import ClientError
from harness.pipeline import wait_until

from baler.files.bundle.ids import bundle_id_of, manifest_key
from sandbox.iam.parties import environment_of

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from conftest import DeployPipeline
    from harness.pipeline import Pipeline
    from mypy_boto3_s3.type_defs import CopySourceTypeDef

FILES = {"sub/ünïcödé +%25": b"one", "../up": b"two", "plain": b"three" * 1000}
KEY = "sub/ünïcödé +%25"


@pytest.fixture(scope="module")
def pipeline(deploy_pipeline: DeployPipeline) -> Pipeline:
    """A deployment of its own: bundles in Deep Archive are in the way of other tests."""
    return deploy_pipeline()


def baler(pipeline: Pipeline, folder: Path, *arguments: str) -> tuple[int, list[dict[str, Any]]]:
    environment = {
        **os.environ,
        **environment_of(pipeline.deployed, "operator"),
        "BALER_ARCHIVE": pipeline.deployed.archive_bucket,
        "BALER_MAILBOX": pipeline.deployed.distribution_bucket,
    }
    done = subprocess.run(
        [sys.executable, "-m", "baler.cli.main", *arguments, "--json"],
        cwd=folder,
        env=environment,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.stderr == ""
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


@contextmanager
def consumer(pipeline: Pipeline, into: Path, log: Path) -> Generator[None]:
    command = [sys.executable, "-m", "baler.cli.main", "consume", "--json", "--poll", "0.2", "--into", str(into)]
    command += ["--mailbox", pipeline.deployed.distribution_bucket]
    with log.open("wb") as told:
        environment = {**os.environ, **environment_of(pipeline.deployed, "consumer")}
        running = subprocess.Popen(command, env=environment, stdout=told)
    try:
        yield
    finally:
        running.terminate()
        running.wait(120)


def received(into: Path) -> list[bytes]:
    return sorted(path.read_bytes() for path in into.rglob("*") if path.is_file()) if into.exists() else []


def deliveries(log: Path) -> list[tuple[bool, str | None]]:
    events = [json.loads(line) for line in log.read_text().splitlines()]
    return [(event["redelivered"], event["replay_id"]) for event in events if event["event"] == "bundle"]


def sink(pipeline: Pipeline) -> None:
    """Move every archived bundle to Deep Archive, as the lifecycle rule would in time."""
    bucket, s3 = pipeline.deployed.archive_bucket, pipeline.aws.s3
    bundles = pipeline.archived()
    # S3 asks no policy when it follows a lifecycle rule; nobody else may overwrite.
    policy = s3.get_bucket_policy(Bucket=bucket)["Policy"]
    s3.delete_bucket_policy(Bucket=bucket)
    for key in bundles:
        source: CopySourceTypeDef = {"Bucket": bucket, "Key": key}
        s3.copy_object(Bucket=bucket, Key=key, CopySource=source, StorageClass="DEEP_ARCHIVE")
    s3.put_bucket_policy(Bucket=bucket, Policy=policy)
    for key in bundles:
        with pytest.raises(ClientError, match="InvalidObjectState"):
            s3.get_object(Bucket=bucket, Key=key)


@pytest.mark.requirement("PULL-REQ-05", "PUSH-E2E-05", "PUSH-PLAN-06")
def test_a_file_comes_back_from_deep_archive_to_the_running_consumer_once_and_by_hand(
    pipeline: Pipeline, tmp_path: Path
) -> None:
    into, log = tmp_path / "received", tmp_path / "log"
    s3, archive, mailbox = pipeline.aws.s3, pipeline.deployed.archive_bucket, pipeline.deployed.distribution_bucket
    with consumer(pipeline, into, log):
        for key, body in FILES.items():
            pipeline.land(key, body)
        wait_until("the files", lambda: received(into), lambda found: found == sorted(FILES.values()))
        wait_until("an empty mailbox", pipeline.mailed, lambda found: found == {})
        bundles = pipeline.archived()
        for key in bundles:
            s3.head_object(Bucket=archive, Key=manifest_key(bundle_id_of(key)))
        holding = [key for key, bundle in bundles.items() if KEY in bundle.file_keys()]
        wanted = sorted(content for key in holding for content in bundles[key].contents().values())
        # Whoever the files are for has taken them away.
        shutil.rmtree(into)
        into.mkdir()
        sink(pipeline)

        code, told = baler(pipeline, tmp_path, "replay", "--key", KEY, "--dry-run")
        assert (code, told[-1]["restores"]) == (0, 1)
        assert "Restore" not in s3.head_object(Bucket=archive, Key=holding[0])
        assert pipeline.mailed() == {}

        code, told = baler(pipeline, tmp_path, "replay", "--key", KEY, "--wait", "--poll", "0.5")
        assert code == 0, told
        assert "restore" in [event["event"] for event in told]
        wait_until("the files again", lambda: received(into), lambda found: found == wanted)
        wait_until("an empty mailbox", pipeline.mailed, lambda found: found == {})

        # The same replay once more, as an operator's process that died before it noted its put would do.
        replay_id = told[-1]["replay_id"]
        shutil.rmtree(into)
        into.mkdir()
        for key in holding:
            bundle = bundles[key]
            metadata = {**bundle.metadata, "replay": replay_id}
            s3.put_object(Bucket=mailbox, Key=key, Body=bundle.body, Metadata=metadata)
        wait_until("an empty mailbox", pipeline.mailed, lambda found: found == {})
        assert received(into) == []
    assert deliveries(log)[len(bundles) :] == [(False, replay_id), (True, replay_id)]

    code, told = baler(pipeline, tmp_path, "extract", KEY, "--into", "found")
    assert code == 0, told
    assert received(tmp_path / "found") == [FILES[KEY]]
    assert (tmp_path / "found" / KEY).read_bytes() == FILES[KEY]
    assert list(tmp_path.glob("replay-*")) == []
