"""How long something took or has waited, for people."""

from __future__ import annotations

from typing import Final

_UNITS: Final = ((86_400, "d"), (3600, "h"), (60, "min"))


def duration(seconds: float, *, in_seconds_up_to: int = 59) -> str:
    """Return a time in its largest unit, rounded down; never below 0, since clocks differ.

    Args:
        seconds: the time.
        in_seconds_up_to: until when seconds say more than minutes, as beside an objective that is in seconds.
    """
    whole = max(0, int(seconds))
    if whole > in_seconds_up_to:
        for length, unit in _UNITS:
            if whole >= length:
                return f"{whole // length} {unit}"
    return f"{whole} s"
