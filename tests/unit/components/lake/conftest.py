"""Two runs of the program with the data lake alone, which all tests here share: each takes a second or more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pytest
from harness.recorded_program import ACCOUNT, LAKE_ALONE, record_program

if TYPE_CHECKING:
    from pathlib import Path

    from harness.recorded_program import Deployed

_PEOPLE: Final = {
    "baler:operatorPrincipalArns": [f"arn:aws:iam::{ACCOUNT}:role/operator"],
    # The pipeline's own number wins.
    "baler:logRetentionDays": 365,
}
_CHANGED: Final = {
    "baler:rollout": "at-once",
    "baler:lakeScheduleMinutes": 1,
    "baler:lakeIngestionMemoryMegabytes": 1111,
    "baler:lakeIngestionTimeoutSeconds": 41,
    "baler:lakeCurationMemoryMegabytes": 2222,
    "baler:lakeCurationTimeoutSeconds": 72,
    "baler:lakeCurationBatchSize": 3,
    "baler:lakeCurationConcurrency": 4,
    "baler:lakeApiMemoryMegabytes": 3333,
    "baler:lakeApiTimeoutSeconds": 29,
    "baler:lakeKeepVersions": True,
    "baler:lakeRecordRetentionDays": 400,
    "baler:lakeRawArchiveDays": 201,
    "baler:lakeRawRetentionDays": 402,
    "baler:lakeLogRetentionDays": 14,
    "baler:lakeDashboard": False,
    "baler:tableKey": "aws-managed",
}

SOURCES: Final = """
[[source]]
name = "orders"
type = "orders"
url = "https://api.example.org/orders"
id = "number"
document = "whole"
headers = { Authorization = "token", X-Client = "client" }

[[source]]
name = "weather"
type = "weather"
url = "https://weather.example.org/now"
id = "station"
document = "whole"
"""
"""One source that wants to know who asks, and one that does not."""


@pytest.fixture(scope="session")
def prod() -> Deployed:
    """As the document has it, with people who operate."""
    return record_program("prod", {**LAKE_ALONE, **_PEOPLE})


@pytest.fixture(scope="session")
def changed(tmp_path_factory: pytest.TempPathFactory) -> Deployed:
    """With other numbers, other sources, and nobody who looks at it."""
    file: Path = tmp_path_factory.mktemp("lake") / "sources.toml"
    file.write_text(SOURCES)
    return record_program("prod", {**LAKE_ALONE, **_CHANGED, "baler:lakeSourcesFile": str(file)})
