"""When what could not be brought into the table is tried again."""

from __future__ import annotations

from typing import Final

SOONER_RETRIES_SECONDS: Final = (30, 60, 120)
"""After how many seconds a message is seen again that failed once, twice, three times: most faults pass soon. Later the
queue's own time-out holds, so that an outage costs few of the receives that the queue allows."""
