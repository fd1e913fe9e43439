"""A disk that refuses some names and folders, whatever it is asked: a mount below, another system's disk, a quota."""

from __future__ import annotations

import errno
import os
from typing import TYPE_CHECKING, Any, Final
from unittest.mock import patch

from baler.files.unpacking import place
from campaign.keys import random_key

if TYPE_CHECKING:
    from collections.abc import Callable

    from campaign.world import World

REFUSALS: Final = (
    errno.EACCES,
    errno.EEXIST,
    errno.EILSEQ,
    errno.EINVAL,
    errno.EISDIR,
    errno.EMLINK,
    errno.ENAMETOOLONG,
    errno.ENOENT,
    errno.ENOTDIR,
    errno.EPERM,
    errno.EXDEV,
    errno.EROFS,
    errno.EDQUOT,
    errno.ENOSPC,
    errno.EIO,
)


def refusing_disk(world: World) -> None:
    """Refuse to rename to, or to make, some names; what is refused must arrive under another."""
    names = {name.encode() for name in world.random.sample(("a", "A", "b", "con", "q?", "straße", "n" * 255), k=3)}
    number = world.random.choice(REFUSALS)

    def refusing(call: Callable[..., Any], position: int) -> Callable[..., Any]:
        def refuse(*arguments: Any, **named: Any) -> Any:
            if arguments[position] in names:
                raise OSError(number, os.strerror(number), os.fsdecode(arguments[position]))
            return call(*arguments, **named)

        return refuse

    world.until_the_end.enter_context(patch.object(place, "rename_exclusively", refusing(place.rename_exclusively, 2)))
    if world.random.random() < 0.5:
        world.until_the_end.enter_context(patch.object(os, "mkdir", refusing(os.mkdir, 0)))
    for _ in range(world.random.randrange(1, 3)):
        keys = [world.random.choice(["a", "b", "con", "q?"]), *(random_key(world.random) for _ in range(4))]
        world.put_good(keys)
