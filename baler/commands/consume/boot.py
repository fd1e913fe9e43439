"""Which run of the machine this is: in the same one all is there that was written, whether or not the disk has it."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

# random(4), "/proc interfaces": boot_id is a random string that is made once, when the machine starts.
_BOOT_ID: Final = Path("/proc/sys/kernel/random/boot_id")
# The unit of the service gives it, as `%b` of systemd.unit(5), since it hides that part of /proc.
_VARIABLE: Final = "BALER_BOOT_ID"


def boot_id(environment: Mapping[str, str] = os.environ, path: Path = _BOOT_ID) -> str | None:
    """Return what tells this run of the machine from others; None where nothing says it (macOS)."""
    try:
        text = environment.get(_VARIABLE) or path.read_text(encoding="ascii")
    except OSError:
        return None
    return text.strip().replace("-", "") or None
