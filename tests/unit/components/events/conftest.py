"""Two runs of the program with the event stream alone, which all tests here share: each takes a second or more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest
from harness.recorded_program import ACCOUNT, EVENTS_ALONE, record_program

if TYPE_CHECKING:
    from harness.recorded_program import Deployed

_PEOPLE: Final = {
    "baler:operatorPrincipalArns": [f"arn:aws:iam::{ACCOUNT}:role/operator"],
    "baler:eventsAnalystPrincipalArns": [f"arn:aws:iam::{ACCOUNT}:role/analyst"],
    # The pipeline's own number wins.
    "baler:logRetentionDays": 365,
}
_CHANGED: Final = {
    "baler:eventsStreamMode": "on-demand",
    "baler:eventsRetentionHours": 48,
    "baler:eventsBatchSize": 500,
    "baler:eventsBatchingWindowSeconds": 2,
    "baler:eventsProcessorMemoryMegabytes": 1111,
    "baler:eventsProcessorTimeoutSeconds": 71,
    "baler:eventsTransformerMemoryMegabytes": 2222,
    "baler:eventsTransformerTimeoutSeconds": 72,
    "baler:eventsCompactorMemoryMegabytes": 3333,
    "baler:eventsCompactorTimeoutSeconds": 73,
    "baler:eventsCompactionDelaySeconds": 0,
    "baler:eventsHighValueAbove": 2500,
    "baler:eventsRawGlacierDays": 0,
    "baler:eventsRawDays": 201,
    "baler:eventsRejectedDays": 202,
    "baler:eventsProcessedDays": 203,
    "baler:eventsFailureDays": 204,
    "baler:eventsCompactedDays": 205,
    "baler:eventsQueryGigabytes": 7,
    "baler:eventsReplicaBucketArn": "arn:aws:s3:::events-in-another-region",
}


@pytest.fixture(scope="session")
def prod() -> Deployed:
    """As the document has it, with people who operate and query."""
    return record_program("prod", {**EVENTS_ALONE, **_PEOPLE})


@pytest.fixture(scope="session")
def changed() -> Deployed:
    """With other numbers, and nobody who looks at it."""
    return record_program("prod", {**EVENTS_ALONE, **_CHANGED})
