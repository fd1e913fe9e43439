"""Every metric that the lake publishes: what the functions emit, alarms watch and the dashboard draws.

All are in one namespace and have the dimension `stack`; those of sources have the dimension `source` beside it, and
those by reason `reason`.
"""

from __future__ import annotations

from typing import Final

NAMESPACE: Final = "Baler/Lake"
STACK: Final = "stack"
SOURCE: Final = "source"
REASON: Final = "reason"

# Ingestion, a run
RECORDS_INGESTED: Final = "RecordsIngested"
"""Items put into the raw layer, Count; by source too."""
RAW_OBJECTS: Final = "RawObjects"
"""Raw objects put, Count; by source too."""
SOURCE_RUNS: Final = "SourceRuns"
"""Runs of a source that fetched it, well or not, Count; by source alone. No data means that nothing asks it."""
SOURCE_FAILURES: Final = "SourceFailures"
"""Those of them that did not end well, Count; by source alone, and by source and reason."""
FAILURES_IN_A_ROW: Final = "FailuresInARow"
"""Runs of a source in a row that did not end well, Count; by source alone. 0 after a run that did."""
STALE_EVENTS: Final = "StaleEvents"
"""Events of the schedule that were dropped for their age, Count."""

# The API, a request
API_LATENCY: Final = "APILatency"
"""From the event to the answer within the function, Milliseconds; each request is a sample, for percentiles."""
API_ERRORS: Final = "APIErrors"
"""Requests that were answered with 5xx by the function, Count."""
REQUESTS: Final = "Requests"
"""Requests that reached the function, Count."""
