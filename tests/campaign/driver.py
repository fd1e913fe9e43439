"""Makes a case from a seed, runs the consumer on it, and judges."""

from __future__ import annotations

import os
import random
import subprocess
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import mkdtemp
from typing import TYPE_CHECKING, Final

from harness.consumer import Crash

from campaign.judgement import CANARY, violations
from campaign.keys import hostile_keys
from campaign.manifests import mutated_manifest
from campaign.refusals import refusing_disk
from campaign.staging import broken_bodies, cleared_staging, damaged_ledger
from campaign.tars import mutated_archive
from campaign.world import World

if TYPE_CHECKING:
    from collections.abc import Callable, Generator

# By name; a seed runs the family at its remainder, so that any stretch of seeds runs all of them.
FAMILIES: Final[dict[str, Callable[[World], None]]] = {
    "archive": mutated_archive,
    "manifest": mutated_manifest,
    "keys": hostile_keys,
    "disk": refusing_disk,
    "staging": cleared_staging,
    "ledger": damaged_ledger,
    "body": broken_bodies,
}
_PASSES: Final = 4
# A disk in memory where there is one: every file and folder is synced, which a busy disk makes slow and no safer here.
_MEMORY: Final = Path("/dev/shm")  # noqa: S108 - for folders with names of their own


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a case ended.

    Attributes:
        seed, family: what made it.
        harm: every promise that it broke.
        refused: whether one of its bundles was quarantined.
    """

    seed: int
    family: str
    harm: list[str]
    refused: bool


def run_case(seed: int, disk: Path | None = None) -> Outcome:
    """Run the case of a seed, in a folder on that disk: some passes over the mailbox, which may begin with crashes."""
    family = list(FAMILIES)[seed % len(FAMILIES)]
    with _folder(disk) as folder:
        name, content = CANARY
        (folder / name).write_bytes(content)
        # Every other case of a family delivers whole bundles; what a disk refuses is refused below their keys alone.
        whole = seed // len(FAMILIES) % 2 == 1 and family != "disk"
        world = World(folder, random.Random(seed), whole_bundles=whole)  # noqa: S311 - a seeded schedule, not a secret
        world.put_good()
        FAMILIES[family](world)
        world.put_good()
        with world.until_the_end:
            harm = _run(world)
        return Outcome(seed, family, harm, bool(world.site.events_of("quarantine")))


def _run(world: World) -> list[str]:
    code = None
    for number in range(_PASSES):
        for happens in world.before_pass:
            happens(number)
        try:
            code = world.site.run()
        except Crash:
            code = None
        except Exception as error:  # noqa: BLE001 - whatever ends the consumer is a finding
            return [f"the consumer ended with {error!r}"]
    if code is None:
        return ["the last pass crashed: the case asks for more than there are passes"]
    return list(violations(world, code))


@contextmanager
def _folder(disk: Path | None) -> Generator[Path]:
    if disk is None and _MEMORY.is_dir() and os.access(_MEMORY, os.W_OK):
        disk = _MEMORY
    folder = Path(mkdtemp(prefix="baler-campaign-", dir=disk))
    try:
        yield folder
    finally:
        # Python's own rmtree calls itself for every level, and gives up after some hundreds.
        subprocess.run(["rm", "-rf", str(folder)], check=True)
