"""Device readings as JSON lines: the same ones every time, which `gzip -6` packs to about a third.

How well the text packs decides how far ahead isal is of gzip (docs/performance.md, "Bundling"): this packs as the text
that the targets were set with.
"""

from __future__ import annotations

import json
import random
from typing import Final

_SEED: Final = 20261120
# Blocks of distinct text far longer than the 32 KB that gzip looks back, so that repeating one does not help it.
_BLOCK_BYTES: Final = 1024 * 1024


def json_lines(size: int, seed: int = _SEED) -> bytes:
    """Return exactly `size` bytes of readings; the last line may be cut off.

    Args:
        size: bytes; past a megabyte the text repeats.
        seed: another one gives other readings.
    """
    block = _block(min(size, _BLOCK_BYTES), seed)
    return (block * (size // len(block) + 1))[:size] if block else b""


def _block(size: int, seed: int) -> bytes:
    chance = random.Random(seed)  # noqa: S311 - the same readings every time
    text = bytearray()
    while len(text) < size:
        reading = {
            "id": f"{chance.getrandbits(128):032x}",
            "device": chance.randrange(5000),
            "at": round(1763629200 + chance.random() * 86400, 3),
            "temperature": round(chance.gauss(20, 4), 2),
            "pressure": round(chance.gauss(1013, 8), 1),
            "ok": chance.random() < 0.9,  # noqa: PLR2004 - one in ten
        }
        text += json.dumps(reading).encode() + b"\n"
    return bytes(text[:size])
