"""Which run of the machine this is: in the same one all is there that was written, whether or not the disk has it."""

from __future__ import annotations

from pathlib import Path
from typing import Final

# random(4), "/proc interfaces": boot_id is a random string that is made once, when the machine starts.
_BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")


def boot_id(path: Path = _BOOT_ID) -> str | None:
    """Return what tells this run of the machine from others; None where the system does not say (macOS)."""
    try:
        return path.read_text(encoding="ascii").strip() or None
    except OSError:
        return None
