"""How fast events must arrive, in seconds (requirement document 5, data flow): the one place that says so."""

from __future__ import annotations

from typing import Final

END_TO_END_SECONDS: Final = 30
"""95% of events are in the processed store so long after their arrival in the stream."""

ITERATOR_AGE_SECONDS: Final = 60
"""Older records that are still being processed are late (section 8, alarms)."""
