"""What every case must come to."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Final

from baler.cli.exit_codes import ExitCode

if TYPE_CHECKING:
    from collections.abc import Iterator

    from campaign.world import World

CANARY: Final = ("someone-elses", b"not ours")
_STATE: Final = {"incoming", "quarantine", "lock", "ledger.sqlite", "ledger.sqlite-shm", "ledger.sqlite-wal"}


def violations(world: World, code: ExitCode) -> Iterator[str]:
    """Yield each promise that the case broke, as a sentence; `code` is that of its last pass."""
    yield from _outside(world)
    yield from _overwritten(world)
    yield from _lost(world)
    yield from _strange(world)
    yield from _stuck(world, code)
    if world.whole_bundles:
        yield from _partly(world)


def _outside(world: World) -> Iterator[str]:
    name, content = CANARY
    if (world.folder / name).read_bytes() != content:
        yield "a file outside was changed"
    site = world.folder / "site"
    strangers = {path.name for path in world.folder.iterdir()} - {name, "site"}
    strangers |= {path.name for path in site.iterdir()} - {"received", "state"}
    strangers |= {path.name for path in world.site.state.path.iterdir()} - _STATE
    if strangers:
        yield f"outside the folder of files lie {sorted(strangers)}"


def _overwritten(world: World) -> Iterator[str]:
    for path, content in world.planted.items():
        if not path.is_file() or path.read_bytes() != content:
            yield f"{path.name!r}, someone else's, was overwritten or removed"


def _lost(world: World) -> Iterator[str]:
    files = world.site.files()
    arrived = Counter(files.values())
    names = {path: key for path, key, _, _ in world.site.places()}
    # Where it lies below the folder of files, or of its bundle.
    where = {content: path.partition("/")[2] if world.whole_bundles else path for path, content in files.items()}
    doubtful = world.site.events_of("doubtful")
    for key, content in world.good:
        lost = {event.fields["key" if world.whole_bundles else "file"] for event in doubtful}
        if not arrived[content] and (world.object_of[content] if world.whole_bundles else key) in lost:
            continue  # gone where a crash interrupted its move, and named
        if arrived[content] != 1:
            yield f"{key!r} of a good bundle arrived {arrived[content]} times"
        elif names.get(where[content], where[content]) != key:
            yield f"{key!r} lies at {where[content]!r}, which the ledger does not note"
    named = {event.fields.get("key") for event in (*world.site.events_of("quarantine"), *world.site.events_of("error"))}
    doubted = Counter(event.fields["key"] for event in doubtful)
    for object_key, contents in world.bad.items():
        came = [arrived[content] for content in contents]
        if object_key in world.site.mailbox.objects:
            if object_key not in named:
                yield f"{object_key} stayed in the mailbox, and no event names it"
        elif came.count(1) + doubted[object_key] < len(came) or max(came, default=0) > 1:
            yield f"{object_key} left the mailbox, and its files arrived {came} times"


def _partly(world: World) -> Iterator[str]:
    """Yield the folders that hold a part of a bundle. The contents of a case differ."""
    folders = Counter(
        path.partition("/")[0] for path in world.site.files() if world.site.into / path not in world.planted
    )
    delivered = {event.fields["folder"]: event.fields["files"] for event in world.site.events_of("bundle")}
    for folder, files in folders.items():
        if delivered.get(folder, files) != files:
            yield f"{folder} has {files} of the {delivered[folder]} files of its bundle"


def _strange(world: World) -> Iterator[str]:
    expected = {content for _, content in world.good} | {content for each in world.bad.values() for content in each}
    for path, content in world.site.files().items():
        if content not in expected and world.site.into / path not in world.planted:
            yield f"{path!r} holds what no bundle held"


def _stuck(world: World, code: ExitCode) -> Iterator[str]:
    if left := world.good_keys & set(world.site.mailbox.objects):
        yield f"good bundles stay in the mailbox: {sorted(left)}; the last errors: {world.site.events_of('error')[-2:]}"
    if code not in {ExitCode.OK, ExitCode.NEEDS_ATTENTION}:
        yield f"the last pass ended with {code!r}: {world.site.events_of('error')[-2:]}"
    if staged := sorted(path.name for path in world.site.state.incoming.iterdir()):
        yield f"left in the consumer's own folder: {staged}"
