"""Staging folders that somebody clears, cuts or overwrites after a kill, and ledgers that are damaged."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

from harness.consumer import Crash

from baler.commands.consume.mailbox import MailboxUnavailableError
from baler.files.ledger.ledger_file import LedgerError

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path
    from random import Random

    from campaign.world import World

_STEPS = ("added_unpacked", "begin_file", "begun_file", "end_file", "ended_file", "noted_place", "advance delivered")
_STEPS_OF_WHOLE_BUNDLES = (
    *("added_unpacked", "begin_folder", "begun_folder", "end_file", "ended_file", "noted_place", "advance delivered"),
    "interruption_point",
)


def cleared_staging(world: World) -> None:
    """Kill the consumer somewhere in a delivery, and then clear some of what it had staged."""
    _put_some(world)
    _die_somewhere(world)
    share = world.random.choice((0.2, 1.0))
    for entry in sorted(world.site.state.incoming.rglob("*"), reverse=True):
        if world.random.random() < share:
            _harm(entry, world.random)


def damaged_ledger(world: World) -> None:
    """Kill the consumer, damage its ledger, and do what its message says: move it out of the way."""
    _put_some(world)
    _die_somewhere(world)
    ledger = world.site.state.ledger
    if not ledger.exists():
        return
    size = ledger.stat().st_size
    if world.random.random() < 0.5:
        os.truncate(ledger, world.random.randrange(size))
    else:
        with ledger.open("r+b") as file:
            file.seek(world.random.randrange(size))
            file.write(world.random.randbytes(world.random.choice((100, 5000))))
    try:
        world.site.run()
    except LedgerError:
        for file in world.site.state.path.glob("ledger.sqlite*"):
            file.unlink()


def broken_bodies(world: World) -> None:
    """Let connections break in mid-bundle, again and again."""
    _put_some(world)
    left = [world.random.randint(1, 5)]

    def broken(step: str) -> None:
        if step.startswith("chunk") and left[0] and world.random.random() < 0.5:
            left[0] -= 1
            raise MailboxUnavailableError("the connection broke")

    world.site.hook = broken
    for _ in range(left[0]):
        world.site.run()
    world.site.hook = lambda _: None


def _put_some(world: World) -> None:
    for _ in range(world.random.randint(1, 3)):
        world.put_good()


def _die_somewhere(world: World) -> None:
    steps = _STEPS_OF_WHOLE_BUNDLES if world.whole_bundles else _STEPS
    _die(world, world.random.choice(steps), world.random.randint(1, 4))


def _die(world: World, step: str, nth: int) -> None:
    left = [nth]

    def hook(name: str) -> None:
        left[0] -= name == step
        if name == step and not left[0]:
            raise Crash

    world.site.hook = hook
    try:
        world.site.run()
    except Crash:
        pass
    finally:
        world.site.hook = lambda _: None


def _harm(entry: Path, chance: Random) -> None:
    if not entry.exists():
        return
    if entry.is_dir():
        shutil.rmtree(entry)
        return
    harms: list[Callable[[], object]] = [
        entry.unlink,
        lambda: os.truncate(entry, chance.randrange(entry.stat().st_size + 1)),
        lambda: entry.write_bytes(chance.randbytes(entry.stat().st_size)),
    ]
    chance.choice(harms)()
