"""What users of the lake may expect."""

from __future__ import annotations

from typing import Final

VISIBLE_SECONDS: Final = 23
"""From the event of the schedule to the record in the table (requirement document 4, "Total Latency": ~23 seconds)."""

FAILURES: Final = 3
"""Runs of a source in a row that did not end well, after which somebody is told."""
