"""Any command can be a peer: it is told where to work, measured with its children, and held to what it wrote."""

from __future__ import annotations

import os
import shlex
import sys
from typing import TYPE_CHECKING

import pytest
from harness.pipeline import wait_until

from benchmarks.baled import Baled, baled, emptied
from benchmarks.content import json_lines
from benchmarks.errors import BenchmarkError
from benchmarks.peer import Peer, PeerRun, peers_of
from benchmarks.stage import PEERS_OUTPUT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from benchmarks.stage import Stage

PREFIX = "peer/"
BODIES = [json_lines(2000, number) for number in range(5)]
# It works by its variables and by what its command names.
BALER = """
import io, os, sys, tarfile
import boto3

source, mode, left_out = sys.argv[1], sys.argv[2], int(sys.argv[3])
s3 = boto3.client("s3")
packed = io.BytesIO()
with tarfile.open(fileobj=packed, mode=mode) as tar:
    for found in s3.list_objects_v2(Bucket=source, Prefix=os.environ["LANDING_PREFIX"])["Contents"][left_out:]:
        body = s3.get_object(Bucket=source, Key=found["Key"])["Body"].read()
        member = tarfile.TarInfo(found["Key"])
        member.size = len(body)
        tar.addfile(member, io.BytesIO(body))
s3.put_object(Bucket=os.environ["OUTPUT_BUCKET"], Key="all.tar", Body=packed.getvalue())
"""


@pytest.fixture(autouse=True)
def landed(floor: Stage) -> Iterator[None]:
    floor.land(PREFIX.rstrip("/"), BODIES)
    yield
    emptied(floor.s3, PEERS_OUTPUT)


def run_of(floor: Stage, command: str, folder: Path, longest_seconds: float = 60) -> PeerRun:
    return PeerRun(Peer(command, "peer", longest_seconds), floor, PREFIX, BODIES, folder / "logs" / "peer.log")


def python(program: str, *arguments: str) -> str:
    return shlex.join([sys.executable, "-c", program, *arguments])


@pytest.mark.parametrize("mode", ["w:", "w:gz"])
def test_what_it_baled_is_found_again(floor: Stage, tmp_path: Path, mode: str) -> None:
    run = run_of(floor, python(BALER, "{LANDING_BUCKET}", mode, "0"), tmp_path)

    run()
    taken = run()  # on an empty bucket again

    assert run.baled == Baled(1, len(BODIES))
    assert run.baled.text(5) == "wrote 1 object with 5 of the 5 files"
    assert taken.cpu_seconds > 0
    assert taken.seconds > 0


def test_files_that_it_left_out_are_told(floor: Stage, tmp_path: Path) -> None:
    run = run_of(floor, python(BALER, "{LANDING_BUCKET}", "w:gz", "2"), tmp_path)

    run()

    assert run.baled == Baled(1, 3)


def test_of_what_is_no_tar_only_the_objects_are_counted(floor: Stage) -> None:
    for number, body in enumerate((b"", b"{}\n", b"\x1f\x8b not gzip", b"x" * 2000)):
        floor.s3.put_object(Bucket=PEERS_OUTPUT, Key=f"o/{number}", Body=body)

    found = baled(floor.s3, PEERS_OUTPUT, BODIES)

    assert (found, found.text(5)) == (Baled(4, None), "wrote 4 objects")


def test_the_processor_time_of_its_children_is_its_own(floor: Stage, tmp_path: Path) -> None:
    burn = "import time\nwhile time.process_time() < 0.5: pass"
    write = "import boto3; boto3.client('s3').put_object(Bucket='{OUTPUT_BUCKET}', Key='o', Body=b'x')"
    script = f"{python(burn)} && {python(write)}"

    taken = run_of(floor, shlex.join(["sh", "-c", script]), tmp_path)()

    assert taken.cpu_seconds >= 0.5


@pytest.mark.parametrize(
    ("command", "words"),
    [
        ("no-such-program --all", "cannot be started"),
        (python("print('a'); print('out of luck'); raise SystemExit(3)"), "failed with status 3.*out of luck"),
        (python("print('nothing to do')"), "wrote nothing into peers-output.*nothing to do"),
    ],
)
def test_a_command_that_did_not_bale_ends_the_benchmark(floor: Stage, tmp_path: Path, command: str, words: str) -> None:
    with pytest.raises(BenchmarkError, match=f"(?s){words}"):
        run_of(floor, command, tmp_path)()


@pytest.fixture
def held(tmp_path: Path) -> Iterator[tuple[Path, Callable[[], bool]]]:
    """A pipe that a process of a command holds, and whether nobody does."""
    pipe = tmp_path / "held"
    os.mkfifo(pipe)
    reader = os.open(pipe, os.O_RDONLY | os.O_NONBLOCK)

    def is_let_go() -> bool:
        try:
            return os.read(reader, 1) == b""  # nobody has the other end
        except BlockingIOError:
            return False

    yield pipe, is_let_go
    os.close(reader)


def test_a_command_that_does_not_end_is_ended_with_its_children(
    floor: Stage, tmp_path: Path, held: tuple[Path, Callable[[], bool]]
) -> None:
    pipe, is_let_go = held
    with pytest.raises(BenchmarkError, match="had not ended after 1 s"):
        run_of(floor, shlex.join(["sh", "-c", f"sleep 600 > {pipe} & wait"]), tmp_path, longest_seconds=1)()
    wait_until("the end of what the command started", is_let_go, lambda gone: gone, 30)


def test_what_a_command_left_running_is_ended_with_it(
    floor: Stage, tmp_path: Path, held: tuple[Path, Callable[[], bool]]
) -> None:
    pipe, is_let_go = held
    write = python("import boto3; boto3.client('s3').put_object(Bucket='{OUTPUT_BUCKET}', Key='o', Body=b'x')")
    # Of the two the sleep alone holds the pipe in the end.
    run_of(floor, shlex.join(["sh", "-c", f"exec 9> {pipe}; sleep 600 & exec 9>&-; {write}"]), tmp_path)()
    wait_until("the end of what the command started", is_let_go, lambda gone: gone, 30)


def test_a_name_is_of_the_first_words_and_other_braces_stay() -> None:
    (peer,) = peers_of([f"{shlex.quote(sys.executable)} run --set '{{x}}' {{OUTPUT_BUCKET}}"])

    assert peer.name == f"peer: {sys.executable.rpartition('/')[2]} run"
    assert peer.words({"OUTPUT_BUCKET": "out"})[2:] == ["--set", "{x}", "out"]


def test_peers_that_begin_alike_have_names_of_their_own() -> None:
    peers = peers_of(["sh -c 'a'", "sh -c 'b'", "sh c"])

    assert [peer.name for peer in peers] == ["peer: sh -c", "peer: sh -c (2)", "peer: sh c"]


@pytest.mark.parametrize("command", ["no-such-program --all", "sh -c 'open", "", "  "])
def test_a_command_that_cannot_be_started_is_refused_before_anything_is_measured(command: str) -> None:
    with pytest.raises(BenchmarkError, match=r"peer .* cannot be started"):
        peers_of([command])
