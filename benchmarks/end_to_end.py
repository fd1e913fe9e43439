"""End to end over one floor: 1,000 files of 2 KB in the landing bucket become bundles in another."""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from benchmarks.content import json_lines
from benchmarks.contestant import PEERS, Contestant, Taken, running
from benchmarks.events import invocation, message_body
from benchmarks.floor.ceilings import ceilings_of
from benchmarks.package import PYTHON, environment
from benchmarks.peer import PeerRun
from benchmarks.spread import Spread, in_turns
from benchmarks.stage import ARCHIVE, LANDING

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from benchmarks.peer import Peer
    from benchmarks.stage import Landed, Stage

FILES: Final = 1000
FILE_BYTES: Final = 2000
BATCH: Final = 100

OURS: Final = "ours, without the claim"
CLAIMING: Final = "ours"
FUNCTION: Final = "ours, as the function"
PLAIN: Final = "boto3 + tarfile, without the check"
CHECKING: Final = "boto3 + tarfile"
S3_TAR: Final = "s3-tar"
S3_TAR_WIDE: Final = "s3-tar, 64 at once"

_PREFIX: Final = "end-to-end"
# What a person would set who finds the 5 files at once of s3-tar slow.
_WIDE: Final = 64


@dataclass(frozen=True)
class Handled:
    """How one contestant did.

    Attributes:
        rate: files per second.
        cpu: milliseconds of its own process per file.
        note: what is known of it beside: of a command from outside, what it wrote.
    """

    rate: Spread
    cpu: Spread
    note: str = ""


@dataclass(frozen=True)
class Ended:
    """One floor.

    Attributes:
        ceilings: what it gives to a bare socket at most, by what is asked; each file or claim a second.
        contestants: by name.
    """

    ceilings: Mapping[str, Spread]
    contestants: Mapping[str, Handled]


def measure(stage: Stage, task: Path, logs: Path, rounds: int, peers: Sequence[Peer] = ()) -> Ended:
    """Let every contestant bundle the same files, in turns.

    Args:
        stage: where.
        task: the unpacked package.
        logs: folder for what the contestants print.
        rounds: how often each.
        peers: commands from outside, which run as the others do.
    """
    bodies = [json_lines(FILE_BYTES, number) for number in range(FILES)]
    files = stage.land(_PREFIX, bodies)
    ceilings = in_turns(ceilings_of(stage, files), rounds)
    url = stage.endpoints
    asked = {
        peer.name: PeerRun(peer, stage, f"{_PREFIX}/", bodies, logs / f"peer-{number}.log")
        for number, peer in enumerate(peers)
    }
    with ExitStack() as stack:
        table = stack.enter_context(stage.claim_table())
        ours = stack.enter_context(running("aggregator", url, logs))
        plain = stack.enter_context(running("plain", url, logs))
        peer = stack.enter_context(running("s3_tar_peer", url, logs, python=PEERS))
        variables = environment(task, stage.queue_url, table)
        function = stack.enter_context(running("function", url, logs, python=PYTHON, environment=variables))
        contestants: dict[str, Callable[[], Taken]] = {
            OURS: partial(_ours, ours, files, None),
            CLAIMING: partial(_with_table, stage, "pk", partial(_ours, ours, files)),
            FUNCTION: partial(_function, stage, table, function, files),
            PLAIN: partial(_plain, plain, files, None),
            CHECKING: partial(_with_table, stage, "ObjectID", partial(_plain, plain, files)),
            S3_TAR: partial(_s3_tar, peer, None),
            S3_TAR_WIDE: partial(_s3_tar, peer, _WIDE),
            **asked,
        }
        for warm_up in contestants.values():
            warm_up()
        taken = in_turns(contestants, rounds)
    notes = {name: run.baled.text(FILES) for name, run in asked.items()}
    return Ended(
        {name: Spread(tuple(samples)) for name, samples in ceilings.items()},
        {name: _handled(samples, notes.get(name, "")) for name, samples in taken.items()},
    )


def _handled(samples: Sequence[Taken], note: str) -> Handled:
    return Handled(
        rate=Spread(tuple(FILES / taken.seconds for taken in samples)),
        cpu=Spread(tuple(taken.cpu_seconds * 1000 / FILES for taken in samples)),
        note=note,
    )


def batches(files: Sequence[Landed], size: int = BATCH) -> list[Sequence[Landed]]:
    """Split files as the event source does."""
    return [files[start : start + size] for start in range(0, len(files), size)]


def _with_table(stage: Stage, key: str, run: Callable[[str], Taken]) -> Taken:
    with stage.claim_table(key) as table:
        return run(table)


def _ours(contestant: Contestant, files: Sequence[Landed], table: str | None) -> Taken:
    bodies = [[message_body(file) for file in batch] for batch in batches(files)]
    return contestant.do(len(files), batches=bodies, claim_table=table)


def _function(stage: Stage, table: str, contestant: Contestant, files: Sequence[Landed]) -> Taken:
    stage.empty(table)
    return contestant.do(len(files), invocations=[invocation(batch) for batch in batches(files)])


def _plain(contestant: Contestant, files: Sequence[Landed], table: str | None) -> Taken:
    keys = [[file.key for file in batch] for batch in batches(files)]
    return contestant.do(len(files), batches=keys, bundle_prefix="plain", claim_table=table)


def _s3_tar(contestant: Contestant, at_once: int | None) -> Taken:
    key = "s3-tar/bundle.tar.gz"
    return contestant.do(FILES, source=LANDING, target=ARCHIVE, prefix=f"{_PREFIX}/", key=key, at_once=at_once)
