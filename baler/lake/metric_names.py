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

# Curation, a batch of messages
RAW_OBJECTS_CURATED: Final = "RawObjectsCurated"
"""Raw objects whose every record is in the table, Count; by source too."""
RECORDS_PROCESSED: Final = "RecordsProcessed"
"""Records that were written because they are new or changed, Count; by source too."""
RECORDS_NEW: Final = "RecordsNew"
"""Those of them that are new, Count; by source too."""
RECORDS_REPLACED: Final = "RecordsReplaced"
"""Those of them that changed, Count; by source too."""
RECORDS_SET_ASIDE: Final = "RecordsSetAside"
"""Bad records of good raw objects, Count; by source too."""
PROCESSING_ERRORS: Final = "ProcessingErrors"
"""Messages that were not curated in a try, because of them or of a store, Count; by reason too."""
MESSAGES_PROCESSED: Final = "MessagesProcessed"
"""Messages that were tried, well or not, Count: of which ProcessingErrors are a part."""
MESSAGES_POSTPONED: Final = "MessagesPostponed"
"""Messages that were not begun: no time was left, or they must be alone; Count."""
CURATION_LATENCY: Final = "CurationLatency"
"""From the schedule's event to the last record of a raw object written, Milliseconds."""
OLDEST_LEFT_AGE: Final = "OldestLeftAge"
"""Age of the oldest raw object of the batch that is not curated, since it was put, Seconds; 0 where none is left."""

# The API, a request
API_LATENCY: Final = "APILatency"
"""From the event to the answer within the function, Milliseconds; each request is a sample, for percentiles."""
API_ERRORS: Final = "APIErrors"
"""Requests that were answered with 5xx by the function, Count."""
REQUESTS: Final = "Requests"
"""Requests that reached the function, Count."""

UNAVAILABLE: Final = "unavailable"
"""The reason of an error that is a store's; the others are those of RefusalReason."""
