"""Good bundles with keys that are hostile, odd or collide, into a folder in which others have left things."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from random import Random

    from campaign.world import World

SEGMENTS: Final = (
    "a", "A", "b", "b.", "b ", "con", "nul.txt", "a:stream", "a\\b", "q?", "..", ".", "", "unsafe-keys",
    "unsafe-keys.~1",
    "n" * 255, "n" * 256, "a\0", "straße", "STRASSE", "caf\u00e9", "cafe\u0301", "\u0130", "line\nbreak", "\x1b[31m",
    "🎈" * 63, "日" * 86, "-rf", ".hidden", "a.~0123456789abcdef", " ",
)  # fmt: skip
_DEEP: Final = 480


def random_key(random: Random) -> str:
    """Return a key of one to four segments, now and then a very deep one."""
    if random.random() < 0.03:
        return "d/" * random.randrange(2, _DEEP) + "e"
    while not (key := "/".join(random.choice(SEGMENTS) for _ in range(random.randrange(1, 5)))):
        pass
    return key


def hostile_keys(world: World) -> None:
    """Put bundles with such keys, the same ones among them, and plant what may be in their way."""
    for _ in range(world.random.randrange(1, 4)):
        _plant(world)
    for _ in range(world.random.randrange(1, 4)):
        world.put_good([random_key(world.random) for _ in range(world.random.randrange(1, 9))])


def _plant(world: World) -> None:
    """Leave a file, a folder, a pipe or a symlink that leads out where a key may want to be."""
    place = world.site.into / world.random.choice(["a", "b", "a/b", "unsafe-keys", "con", "n" * 255])
    if place.parent.is_symlink():
        return
    try:
        place.parent.mkdir(parents=True, exist_ok=True)
        match world.random.randrange(4):
            case 0:
                content = world.content()
                with place.open("xb") as file:  # never into a pipe that was planted before, which would wait for ever
                    file.write(content)
                world.planted[place] = content
            case 1:
                place.mkdir()
            case 2:
                os.mkfifo(place)
            case _:
                place.symlink_to(world.folder)
    except OSError:
        return  # what was planted before is in the way of this one too
