"""`baler send` as a process: what it says, signals, sudden death."""

from __future__ import annotations

import json
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from harness.consumer import wait_until
from harness.s3_server import REGION, S3Server, s3_server

from baler.cli.exit_codes import ExitCode

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

PROJECT = Path(__file__).parents[5]
BUCKET = "landing"


@dataclass
class Machine:
    server: S3Server
    folder: Path

    @contextmanager
    def sender(self, *options: str) -> Generator[subprocess.Popen[str]]:
        program = [sys.executable, "-m", "baler.cli.main", "send", str(self.folder), "--landing-bucket", BUCKET]
        with subprocess.Popen(
            [*program, "--settle", "0", "--json", *options],
            cwd=PROJECT,
            env={"PATH": os.environ["PATH"], "HOME": str(self.folder.parent), **self.server.environment},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            try:
                yield process
            finally:
                process.kill()

    def run(self, *options: str) -> tuple[int, list[dict[str, Any]], str]:
        with self.sender(*options) as process:
            out, err = process.communicate(timeout=300)
            return process.returncode, [json.loads(line) for line in out.splitlines()], err

    def versions(self) -> Counter[str]:
        pages = self.server.client.get_paginator("list_object_versions").paginate(Bucket=BUCKET)
        return Counter(version.get("Key", "") for page in pages for version in page.get("Versions", []))


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    (tmp_path / "outbox").mkdir()
    with s3_server() as server:
        server.client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
        server.client.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
        yield Machine(server, tmp_path / "outbox")


def write(machine: Machine, count: int) -> set[str]:
    names = {f"device-{number % 7}/{number:04d}.json" for number in range(count)}
    for name in names:
        path = machine.folder / name
        path.parent.mkdir(exist_ok=True)
        # Moved in as a whole: a sender that settles for no time would take half a file.
        whole = machine.folder.with_name("written")
        whole.write_text(f"reading {name}")
        whole.rename(path)
    return names


def test_it_sends_a_folder_and_says_so(machine: Machine) -> None:
    names = write(machine, 3)
    code, events, err = machine.run("--dry-run")
    assert (code, err, {event["key"] for event in events[:-1]}) == (0, "", names)
    assert machine.versions() == {}
    code, events, err = machine.run("--prefix", "party/")
    assert (code, err) == (0, "")
    assert {event["key"] for event in events if event["event"] == "sent"} == {f"party/{name}" for name in names}
    assert (events[-1]["sent"], events[-1]["failed"]) == (3, 0)
    assert machine.versions() == dict.fromkeys((f"party/{name}" for name in names), 1)
    assert machine.run("--prefix", "party/")[1][-1]["known"] == 3


@pytest.mark.requirement("PULL-REQ-01")
def test_killed_at_random_moments_it_sends_each_file_exactly_once(machine: Machine) -> None:
    chance = random.Random()  # noqa: S311 - chooses moments
    names = write(machine, 250)
    for _ in range(4):
        with machine.sender() as process:
            seen = len(machine.server.requests)
            # Start-up takes most of a process's short life: the moment is counted from its first request.
            wait_until(
                lambda seen=seen, process=process: len(machine.server.requests) > seen or process.poll() is not None,
                "the sender begins",
            )
            time.sleep(chance.uniform(0, 0.2))
            process.kill()
            process.communicate(timeout=120)
    code, _, err = machine.run()
    assert (code, err) == (0, "")
    assert machine.versions() == dict.fromkeys(names, 1)


def test_it_looks_for_new_files_until_a_signal(machine: Machine) -> None:
    write(machine, 2)
    with machine.sender("--poll", "0.1") as process:
        wait_until(lambda: len(machine.versions()) == 2, "the first files arrive")
        code, _, err = machine.run()
        assert code == ExitCode.CANNOT_PROCEED
        assert f"(process {process.pid})" in err
        write(machine, 4)
        wait_until(lambda: len(machine.versions()) == 4, "the other files arrive")
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=120)
    assert (process.returncode, err) == (0, "")
    assert [json.loads(line)["event"] for line in out.splitlines()].count("sent") == 4


def test_what_was_sent_long_ago_and_is_gone_is_forgotten(machine: Machine) -> None:
    write(machine, 2)
    machine.run()
    ledger = machine.folder.with_name("outbox.sent.sqlite")
    with sqlite3.connect(ledger) as database:
        database.execute("UPDATE files SET at = '2020-01-01T00:00:00.000+00:00'")
    (machine.folder / "device-0/0000.json").unlink()
    for spares_it in ("--dry-run", "--prefix=party/"):
        machine.run("--forget", "30", spares_it)
        with sqlite3.connect(ledger) as database:
            assert database.execute("SELECT 1 FROM files WHERE key = 'device-0/0000.json'").fetchall() == [(1,)]
    machine.run("--forget", "30")
    with sqlite3.connect(ledger) as database:
        left = database.execute("SELECT key FROM files").fetchall()
    assert left == [("device-1/0001.json",), ("party/device-1/0001.json",)]


def test_a_bucket_that_is_not_there_and_a_folder_that_is_not_are_sentences(machine: Machine) -> None:
    write(machine, 1)
    code, _, err = machine.run("--landing-bucket", "nowhere-at-all")
    assert code == ExitCode.CANNOT_PROCEED
    assert "There is no such bucket" in err
    machine.folder = machine.folder / "nothing"
    assert machine.run()[0] == ExitCode.USAGE
