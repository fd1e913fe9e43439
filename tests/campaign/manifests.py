"""Bundles that are good archives, with a manifest that is wrong, odd or of another time."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

from harness.consumer import members_of, pack, with_manifest

from baler.files.bundle.manifest import META_SHA256

if TYPE_CHECKING:
    from random import Random

    from campaign.world import World

_VALUES: Final[tuple[Any, ...]] = (
    None,
    True,
    -1,
    0,
    1.5,
    2**70,
    "",
    "x",
    "..",
    "/etc/passwd",
    "half \ud800",
    "\0",
    "0" * 64,
    [],
    {},
    [[[]]],
)
_DOCUMENTS: Final = (
    b"",
    b"{",
    b"[]",
    b"null",
    b"\xff\xfe",
    b"NaN",
    b"[" * 100_000,
    b'{"format_version": 1e400}',
    b'{"format_version":' + b"9" * 5000 + b"}",
    b'{"format_version":1,"files":[' + b"{}," * 1000 + b"{}]}",
)


def mutated_manifest(world: World) -> None:
    """Put a bundle whose manifest, or metadata, was changed."""
    files = world.some_files()
    key, body = world.make_bundle(files)
    contents = [content for _, content in files]
    metadata = None
    match world.random.randrange(4):
        case 0:
            *members, (member, _) = members_of(body)
            body = pack([*members, (member, world.random.choice(_DOCUMENTS))])
        case 1:
            metadata = {META_SHA256: world.random.choice(["", "0" * 64, "é", "x" * 2000])}
            metadata |= world.random.choice([{}, {"replay": "../x"}, {"replay": ""}, {"format-version": "9"}])
        case _:
            body = with_manifest(body, lambda document: _change(document, world.random))
    world.put_bad(key, body, contents, metadata)


def _change(document: dict[str, Any], random: Random) -> None:
    """Delete, replace or double something, at the top or in the line of a file."""
    for _ in range(random.randrange(1, 3)):
        entries = cast("list[Any]", document["files"]) if isinstance(document.get("files"), list) else []
        lines = [cast("dict[str, Any]", entry) for entry in entries if isinstance(entry, dict) and entry]
        where = random.choice(lines) if lines and random.random() < 0.7 else document
        if not where:
            continue
        name = random.choice(list(where))
        match random.randrange(4):
            case 0:
                del where[name]
            case 1:
                where[random.choice(["key", "version_id", name, "new"])] = random.choice(_VALUES)
            case 2 if lines:
                entries.insert(random.randrange(len(entries) + 1), dict(random.choice(lines)))
            case _:
                where[name] = random.choice(_VALUES)
