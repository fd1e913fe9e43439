"""`baler consume` as a process: signals, sudden death, a second instance."""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from harness.consumer import make_bundle, wait_until
from harness.s3_server import REGION, S3Server, s3_server

from baler.cli.exit_codes import ExitCode
from baler.files.bundle.ids import bundle_key

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator, Sequence

PROJECT = Path(__file__).parents[5]
BUCKET = "mailbox"


@dataclass
class Machine:
    server: S3Server
    into: Path

    def put(self, files: list[tuple[str, bytes]], number: int = 1) -> str:
        bundle_id, body = make_bundle(files, number)
        metadata = {"content-sha256": hashlib.sha256(body).hexdigest()}
        self.server.client.put_object(Bucket=BUCKET, Key=bundle_key(bundle_id), Body=body, Metadata=metadata)
        return bundle_id

    def in_mailbox(self) -> int:
        return self.server.client.list_objects_v2(Bucket=BUCKET)["KeyCount"]

    def command(self, *options: str) -> list[str]:
        program = [sys.executable, "-m", "baler.cli.main", "consume", "--mailbox", BUCKET, "--into", str(self.into)]
        return [*program, "--json", *options]

    @property
    def environment(self) -> dict[str, str]:
        # Without byte code: a consumer whose files are kept small would leave halves of it in this environment.
        unwritten = {"PYTHONDONTWRITEBYTECODE": "1"}
        return {"PATH": os.environ["PATH"], "HOME": str(self.into.parent), **unwritten, **self.server.environment}

    @contextmanager
    def consumer(self, *options: str, before: Sequence[str] = ()) -> Generator[subprocess.Popen[str]]:
        """Run a consumer, `before` being what starts it, and see to it that it is gone afterwards."""
        with subprocess.Popen(
            [*before, *self.command("--poll", "0.1", *options)],
            cwd=PROJECT,
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            try:
                yield process
            finally:
                process.kill()

    def run_once(self, *options: str, before: Sequence[str] = ()) -> tuple[int, list[dict[str, Any]], str]:
        with self.consumer("--once", *options, before=before) as process:
            out, err = process.communicate(timeout=120)
            return process.returncode, [json.loads(line) for line in out.splitlines()], err

    def files(self) -> list[Path]:
        return [path for path in self.into.rglob("*") if path.is_file()]


@pytest.fixture
def machine(tmp_path: Path) -> Iterator[Machine]:
    with s3_server() as server:
        server.client.create_bucket(Bucket=BUCKET, CreateBucketConfiguration={"LocationConstraint": REGION})
        yield Machine(server, tmp_path / "received")


def requested(machine: Machine, method: str = "GET") -> bool:
    return any(used == method for used, _ in machine.server.requests)


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_delivers_until_a_signal_and_ends_well(machine: Machine, number: signal.Signals) -> None:
    machine.put([("a", b"1")], 1)
    with machine.consumer() as process:
        wait_until(lambda: len(machine.files()) == 1, "the first file arrives")
        machine.put([("b", b"2")], 2)
        wait_until(lambda: len(machine.files()) == 2 and machine.in_mailbox() == 0, "the second file arrives")
        process.send_signal(number)
        out, err = process.communicate(timeout=120)
    assert process.returncode == 0
    assert err == ""
    events = [json.loads(line) for line in out.splitlines()]
    assert [event["event"] for event in events] == ["started", "bundle", "bundle", "stopped"]
    assert events[0]["pid"] == process.pid
    assert events[-1]["files"] == 2


@pytest.mark.parametrize(("options", "code"), [((), ExitCode.OK), (("--once",), ExitCode.STOPPED)])
def test_a_signal_ends_it_soon_even_while_the_network_is_silent(
    machine: Machine, options: tuple[str, ...], code: ExitCode
) -> None:
    machine.put([("a", b"1")])
    machine.server.stalled.set()
    with machine.consumer(*options) as process:
        wait_until(lambda: any("tar.gz" in path for _, path in machine.server.requests), "the download begins")
        process.send_signal(signal.SIGTERM)
        out, err = process.communicate(timeout=120)  # the server stays silent for longer
    assert process.returncode == code
    assert err == ""
    assert json.loads(out.splitlines()[-1])["event"] == "stopped"
    assert machine.files() == []
    assert machine.in_mailbox() == 1


def test_a_second_signal_ends_it_at_once(machine: Machine) -> None:
    machine.put([("a", b"1")])
    machine.server.stalled.set()
    with machine.consumer() as process:
        wait_until(lambda: any("tar.gz" in path for _, path in machine.server.requests), "the download begins")
        process.send_signal(signal.SIGINT)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=120)  # the server stays silent for longer
    # Two signals that arrive together are taken in either order.
    assert process.returncode in {128 + signal.SIGTERM, 128 + signal.SIGINT}


def test_a_second_consumer_is_refused_with_the_process_of_the_first(machine: Machine) -> None:
    with machine.consumer() as first:
        wait_until(lambda: requested(machine), "the first consumer polls")
        code, events, err = machine.run_once()
        assert code == 1
        assert f"(process {first.pid})" in err
        assert f"{machine.into}.state" in err
        assert [event["event"] for event in events] == ["error"]
        assert "Traceback" not in err


# Notes the bundle.
HOOK = """
import json, sys
document = json.load(sys.stdin)
with open(sys.argv[1], "a") as seen:
    seen.write(document["bundle_id"] + "\\n")
"""


@pytest.mark.requirement("PULL-REQ-06")
@pytest.mark.parametrize("whole_bundles", [False, True], ids=["by-file", "whole-bundles-and-a-hook"])
def test_killed_at_random_moments_it_delivers_each_file_exactly_once(machine: Machine, *, whole_bundles: bool) -> None:
    chance = random.Random()  # noqa: S311 - chooses moments
    seen_by_hook = machine.into.with_name("seen")
    hook = machine.into.with_name("hook.py")
    hook.write_text(HOOK)
    options = ("--whole-bundles", "--hook", f"{sys.executable} {hook} {seen_by_hook}") if whole_bundles else ()
    bundles: set[str] = set()
    contents: Counter[bytes] = Counter()
    taken: Counter[bytes] = Counter()

    def take_files_away() -> None:
        for path in machine.files():
            taken[path.read_bytes()] += 1
        for folder in machine.into.glob("*") if whole_bundles else ():
            # All of a bundle is in sight, or nothing of it.
            assert sum(path.is_file() for path in folder.rglob("*")) == 4
            shutil.rmtree(folder)
        for path in machine.files():
            path.unlink()

    for number in range(1, 31):
        files = [(key, f"{key} {number}".encode()) for key in ("same/key", "../up", f"own/{number}", "same")]
        contents.update(content for _, content in files)
        bundles.add(machine.put(files, number))
    for _ in range(8):
        with machine.consumer(*options) as process:
            seen = len(machine.server.requests)
            # Start-up takes most of a process's short life: the moment is counted from its first request.
            wait_until(lambda seen=seen: len(machine.server.requests) > seen, "the consumer begins")
            time.sleep(chance.uniform(0, 0.25))
            process.kill()
            process.communicate(timeout=120)
        take_files_away()
    code, _, err = machine.run_once(*options)
    take_files_away()

    assert (code, err) == (0, "")
    if whole_bundles:
        assert set(seen_by_hook.read_text().split()) == bundles
    assert taken == contents
    assert machine.in_mailbox() == 0
    assert list((Path(f"{machine.into}.state") / "incoming").iterdir()) == []


def test_rubbish_in_the_mailbox_is_told_once_and_stops_nothing(machine: Machine) -> None:
    machine.server.client.put_object(Bucket=BUCKET, Key="bundles/rubbish", Body=b"rubbish")
    with machine.consumer() as process:
        wait_until(lambda: sum("list-type" in path for _, path in machine.server.requests) > 3, "it polls some times")
        machine.put([("a", b"1")])
        wait_until(lambda: len(machine.files()) == 1, "the bundle arrives")
        process.send_signal(signal.SIGTERM)
        out, _ = process.communicate(timeout=120)
    assert [json.loads(line)["event"] for line in out.splitlines()] == ["started", "quarantine", "bundle", "stopped"]


# About 200 KB to download, 600 KB to unpack.
LARGE = {"random": random.Random(1).randbytes(200_000), "zeros": bytes(400_000), "small": b"1"}  # noqa: S311 - nothing secret


@pytest.mark.parametrize("largest", [5, 50, 150, 300], ids="{} KiB".format)
def test_a_kernel_that_refuses_to_write_on_loses_nothing_and_leaves_no_half_bundle(
    machine: Machine, largest: int
) -> None:
    """A limit on the size of a file: a refusal that any user of any machine can get from the real kernel."""
    machine.put(list(LARGE.items()))

    code, events, err = machine.run_once(before=["sh", "-c", f'ulimit -f {2 * largest} && exec "$@"', "sh"])

    assert code in {1, 4}
    assert any(event["event"] == "error" for event in events)
    assert err.count("\n") <= 1
    assert machine.files() == []
    assert machine.in_mailbox() == 1
    assert list((Path(f"{machine.into}.state") / "incoming").iterdir()) == []
    code, _, err = machine.run_once()
    assert (code, err) == (0, "")
    assert {path.name: path.read_bytes() for path in machine.files()} == LARGE
    assert machine.in_mailbox() == 0


FULL_DISK = """
mount -t tmpfs -o size=1200k disk "$1" 2> /dev/null || exit 77
cd "$1" && shift
for free in 0 60 200 500 1100; do
    cat /dev/zero > ballast 2> /dev/null
    truncate -s -${free}k ballast
    "$@" > /dev/null 2> ../errors
    echo $? $(cat ../errors)
    rm ballast
done
ls received.state/incoming
sha256sum received/*
"""


@pytest.mark.requirement("PULL-NFR-04")
def test_a_full_disk_loses_nothing_and_everything_arrives_once_there_is_room(machine: Machine) -> None:
    if shutil.which("unshare") is None:
        pytest.skip("this machine has no namespaces")
    disk = machine.into.parent / "disk"
    disk.mkdir()
    machine.into = disk / "received"
    machine.put(list(LARGE.items()))

    # A file system of 1.2 MB in a namespace of its own, which ends with the process: neither root nor a trace is left.
    unshare = ["unshare", "--user", "--map-root-user", "--mount"]
    done = subprocess.run(
        [*unshare, "sh", "-c", FULL_DISK, "sh", str(disk), *machine.command("--once")],
        env={**machine.environment, "PYTHONPATH": str(PROJECT)},
        capture_output=True,
        text=True,
        check=False,
    )

    if done.returncode == 77 or done.stderr.startswith("unshare: "):
        pytest.skip("this machine lets nobody mount a file system of their own")
    full, ledger, download, unpack, *rest = done.stdout.splitlines()
    assert full.startswith("1 ")
    assert full.endswith("No space left on device.")
    assert ledger.startswith("1 ")
    assert "database or disk is full" in ledger
    assert (download, unpack) == ("4", "4")
    sums = [f"{hashlib.sha256(LARGE[name]).hexdigest()}  received/{name}" for name in sorted(LARGE)]
    assert rest == ["0", *sums]
    assert machine.in_mailbox() == 0
