"""Output that goes away or has no room: real processes, pipes and /dev/full."""

from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import typer
from harness.consumer import make_bundle, wait_until
from harness.s3_server import REGION, S3Server, s3_server

from baler.cli import output
from baler.cli.exit_codes import ExitCode
from baler.cli.output import surviving
from baler.cli.report import Trouble
from baler.files.bundle.ids import bundle_key

if TYPE_CHECKING:
    from collections.abc import Iterator

    from baler.cli.report import Event

PROJECT = Path(__file__).parents[4]
MAILBOX = "mailbox"


def baler(*arguments: str, stdout: int, environment: dict[str, str] | None = None) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "baler.cli.main", *arguments],
        cwd=PROJECT,
        env={"PATH": os.environ["PATH"], "AWS_REGION": REGION, **(environment or {})},
        stdout=stdout,
        stderr=subprocess.PIPE,
        text=True,
    )


def closed_pipe() -> int:
    """Return the end of a pipe that nobody reads any more."""
    reader, writer = os.pipe()
    os.close(reader)
    return writer


def ends(arguments: tuple[str, ...], stdout: int, environment: dict[str, str] | None = None) -> tuple[int, str]:
    with baler(*arguments, stdout=stdout, environment=environment) as process:
        os.close(stdout)
        _, err = process.communicate(timeout=120)
        return process.returncode, err


@pytest.mark.parametrize("arguments", [("--help",), ("dead-letters", "--help")], ids=" ".join)
def test_a_command_whose_output_nobody_reads_ends_quietly_as_if_by_sigpipe(arguments: tuple[str, ...]) -> None:
    assert ends(arguments, closed_pipe()) == (ExitCode.NOBODY_READS, "")


def test_a_command_whose_output_has_no_room_says_so() -> None:
    code, err = ends(("--help",), os.open("/dev/full", os.O_WRONLY))
    assert code == ExitCode.OUTPUT
    assert err == "The output cannot be written: No space left on device.\n"


@pytest.fixture
def server() -> Iterator[S3Server]:
    with s3_server() as server:
        server.client.create_bucket(Bucket=MAILBOX, CreateBucketConfiguration={"LocationConstraint": REGION})
        yield server


def put(server: S3Server, number: int) -> None:
    bundle_id, body = make_bundle([(f"k{number}", b"x")], number)
    metadata = {"content-sha256": hashlib.sha256(body).hexdigest()}
    server.client.put_object(Bucket=MAILBOX, Key=bundle_key(bundle_id), Body=body, Metadata=metadata)


@pytest.mark.parametrize("how", ["nobody reads it", "no room"])
def test_a_consumer_whose_output_cannot_be_written_delivers_on(server: S3Server, tmp_path: Path, how: str) -> None:
    put(server, 1)
    stdout = closed_pipe() if how == "nobody reads it" else os.open("/dev/full", os.O_WRONLY)
    into = tmp_path / "received"
    command = ("consume", "--mailbox", f"s3://{MAILBOX}/", "--into", str(into), "--poll", "0.1")
    with baler(*command, stdout=stdout, environment=server.environment) as process:
        os.close(stdout)
        try:
            wait_until((into / "k1").exists, "the first file arrives")
            put(server, 2)
            wait_until((into / "k2").exists, "the second file arrives")
            process.send_signal(signal.SIGTERM)
            _, err = process.communicate(timeout=120)
        finally:
            process.kill()
    assert process.returncode == 0
    assert "delivering goes on without it" in err
    assert len(err.splitlines()) == 1


def test_a_reporter_waits_neither_for_the_reader_of_its_output_nor_to_say_so(monkeypatch: pytest.MonkeyPatch) -> None:
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    with suppress(BlockingIOError):
        while os.write(writer, bytes(4096)):
            pass
    monkeypatch.setattr(output, "_PATIENCE_SECONDS", 0.01)
    stream = open(writer, "w", encoding="utf-8")  # noqa: SIM115, PTH123 - a descriptor, closed below
    monkeypatch.setattr(sys, "stdout", stream)
    monkeypatch.setattr(sys, "stderr", stream)  # as after 2>&1
    output.guard_output()
    said: list[Event] = []

    def report(event: Event) -> None:
        typer.echo(event.sentence())
        said.append(event)

    try:
        reporting = threading.Thread(target=lambda: surviving(report)(Trouble("something")), daemon=True)
        reporting.start()
        reporting.join(timeout=30)
        assert not reporting.is_alive()
        assert not said
    finally:
        os.close(reader)
        stream.close()
