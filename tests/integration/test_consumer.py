"""The on-premises consumer, as a program, at the mailbox of the deployed pipeline."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING, Any

import pytest
from harness.pipeline import wait_until

from sandbox.iam.parties import environment_of

if TYPE_CHECKING:
    from pathlib import Path

    from harness.pipeline import Pipeline

FILES = {
    "plain.json": b"{}",
    "sub/with space+plus%25.json": b"1",
    "sub/ünïcödé": b"",
    ".dot": b"x" * 100_000,
}


def command(pipeline: Pipeline, into: Path, *options: str) -> list[str]:
    program = [sys.executable, "-m", "baler.cli.main", "consume", "--json", "--into", str(into)]
    return [*program, "--mailbox", pipeline.deployed.distribution_bucket, *options]


def consume_once(pipeline: Pipeline, into: Path) -> list[dict[str, Any]]:
    environment = {**os.environ, **environment_of(pipeline.deployed, "consumer")}
    done = subprocess.run(
        command(pipeline, into, "--once"), env=environment, check=True, capture_output=True, text=True
    )
    assert done.stderr == ""
    return [json.loads(line) for line in done.stdout.splitlines()]


def received(into: Path) -> dict[str, bytes]:
    return {path.relative_to(into).as_posix(): path.read_bytes() for path in into.rglob("*") if path.is_file()}


@pytest.mark.requirement("PULL-REQ-06")
def test_what_lands_is_received_and_the_mailbox_is_empty_after(pipeline: Pipeline, tmp_path: Path) -> None:
    into = tmp_path / "received"
    for key, body in FILES.items():
        pipeline.land(key, body)
    pipeline.wait_for_files(*FILES)
    consume_once(pipeline, into)
    assert received(into) == FILES
    assert pipeline.mailed() == {}


@pytest.mark.requirement("PULL-NFR-04")
def test_a_consumer_that_was_away_catches_up_with_everything(pipeline: Pipeline, tmp_path: Path) -> None:
    into = tmp_path / "received"
    for wave in range(3):
        for number in range(20):
            pipeline.land(f"wave-{wave}/{number}", f"{wave} {number}".encode())
        wait_until("a wave in the mailbox", lambda: len(pipeline.archived_keys()), lambda n, w=wave: n == 20 * (w + 1))
    pipeline.wait_until_idle()
    assert len(pipeline.mailed()) >= 3
    consume_once(pipeline, into)
    assert received(into) == {f"wave-{wave}/{n}": f"{wave} {n}".encode() for wave in range(3) for n in range(20)}
    assert pipeline.mailed() == {}


def asked(pipeline: Pipeline, *arguments: str) -> tuple[int, list[dict[str, Any]]]:
    """Ask as an operator does, who names the stack alone; return the exit code and what was answered."""
    environment = {**os.environ, **environment_of(pipeline.deployed, "operator"), "BALER_STACK": pipeline.deployed.name}
    program = [sys.executable, "-m", "baler.cli.main", *arguments, "--json"]
    done = subprocess.run(program, env=environment, check=False, capture_output=True, text=True)
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


@pytest.mark.requirement("PULL-REQ-06", "PULL-NFR-01")
def test_what_was_received_is_found_with_its_time_and_an_audit_misses_nothing(
    pipeline: Pipeline, tmp_path: Path
) -> None:
    into = tmp_path / "received"
    keys = [f"asked-for/ +%2B{number}" for number in range(3)]
    for key in keys:
        pipeline.land(key, key.encode())
    pipeline.wait_for_files(*keys)
    code, (story,) = asked(pipeline, "find", keys[0])
    assert (code, story["state"], story["bundles"][0]["holds"]) == (0, "in_mailbox", "yes")
    consume_once(pipeline, into)
    code, stories = asked(pipeline, "find", "--prefix", "asked-for/", "--state", f"{into}.state")
    assert (code, [(each["key"], each["state"]) for each in stories]) == (0, [(key, "received") for key in keys])
    assert all(each["landed_at"] <= each["bundles"][0]["received_at"] for each in stories)
    audit = ("audit", "--from", story["landed_at"][:16], "--prefix", "asked-for/")
    code, told = asked(pipeline, *audit, "--state", f"{into}.state", "--repair")
    assert (code, told[-1]["states"], told[-1]["announced"]) == (0, {"received": 3}, 0)
    code, told = asked(pipeline, *audit)
    assert (code, told[-1]["states"], told[-1]["twice"]) == (0, {"taken": 3}, 0)


def test_a_running_consumer_takes_what_comes_and_stops_when_told(pipeline: Pipeline, tmp_path: Path) -> None:
    into = tmp_path / "received"
    environment = {**os.environ, **environment_of(pipeline.deployed, "consumer")}
    running = subprocess.Popen(
        command(pipeline, into, "--poll", "0.2"), env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        pipeline.land("comes", b"later")
        wait_until(
            "the file", lambda: received(into) if into.exists() else {}, lambda found: found == {"comes": b"later"}
        )
        wait_until("an empty mailbox", pipeline.mailed, lambda found: found == {})
        running.send_signal(signal.SIGTERM)
        assert running.wait(120) == 0
    finally:
        running.kill()
        running.wait()


@pytest.mark.requirement("PULL-REQ-06", "PULL-NFR-09")
def test_a_bundle_that_was_damaged_in_the_mailbox_is_kept_aside_and_never_deleted(
    pipeline: Pipeline, tmp_path: Path
) -> None:
    into = tmp_path / "received"
    pipeline.land("damaged", b"x")
    pipeline.wait_for_files("damaged")
    (bundle,) = pipeline.mailed().values()
    pipeline.aws.s3.put_object(
        Bucket=pipeline.deployed.distribution_bucket,
        Key=bundle.key,
        Body=bundle.body[:-9] + b"damaged!!",
        Metadata=bundle.metadata,
    )
    environment = {**os.environ, **environment_of(pipeline.deployed, "consumer")}
    done = subprocess.run(
        command(pipeline, into, "--once"), env=environment, check=False, capture_output=True, text=True
    )
    assert done.returncode == 3
    assert "quarantine" in [json.loads(line)["event"] for line in done.stdout.splitlines()]
    assert received(into) == {}
    assert list(pipeline.mailed()) == [bundle.key]
