"""What the lake promises of itself."""

from __future__ import annotations

from typing import Final

EVENT_TO_CHART_SECONDS: Final = 23
"""From the schedule's event to the records on the dashboard (requirement document 4, data flow)."""
