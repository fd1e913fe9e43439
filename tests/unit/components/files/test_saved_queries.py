"""The saved queries ask for fields that the log has, and the runbooks name queries that are saved."""

import json
import logging
import re
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from baler.files.landed_file import LandedFile
from baler.files.reason import Reason
from components.files.saved_queries import QUERIES, Query
from runtime.files.aggregator.attempt import AttemptResult
from runtime.files.aggregator.batch import BatchReport
from runtime.files.aggregator.file_outcome import rejected, retry
from runtime.files.aggregator.observability import logger, report_batch
from sandbox.engine.program import PROJECT_DIR

if TYPE_CHECKING:
    from conftest import Deployed

# What the log has beside the aggregator's own words: Insights' fields (logs user guide, "Supported logs and discovered
# fields"), Powertools' (its guide, "Logger"), and those of Lambda's own lines ("platform.report", telemetry schema).
_INSIGHTS = {"@timestamp", "@message"}
_POWERTOOLS = {"level", "message", "function_request_id", "xray_trace_id"}
_LAMBDA = {
    "type",
    "record.requestId",
    "record.status",
    "record.metrics.durationMs",
    "record.metrics.initDurationMs",
    "record.metrics.maxMemoryUsedMB",
}
# The words of Insights' language that are used.
_LANGUAGE = {
    *("fields", "filter", "stats", "sort", "limit", "by", "as", "and", "or", "in", "asc", "desc"),
    *("count", "sum", "avg", "max", "bin", "ispresent"),
}


def file(key: str) -> LandedFile:
    return LandedFile("landing", key, "v1", "etag", 5, datetime(2026, 11, 20, tzinfo=UTC))


def words(text: str) -> set[str]:
    """What a query names: without its values, its numbers and the names that it gives itself."""
    without_values = re.sub(r"'[^']*'|\b5m\b", "", text)
    found = set(re.findall(r"@?[a-z][\w.]*", without_values))
    return found - _LANGUAGE - set(re.findall(r" as (\w+)", without_values))


@pytest.fixture
def logged(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The fields of the lines that the aggregator logs of a batch with a bundle, a poison file and a retried one."""
    for handler in logging.getLogger(logger.service).handlers:
        # The one that is captured now; Powertools keeps the one at import, which may be closed.
        monkeypatch.setattr(handler, "stream", sys.stdout)
    report = BatchReport(results=[AttemptResult(bundle_id="b", files=1, bytes_in=5, bytes_out=5)])
    report.files = {file("poison"): rejected(Reason.TOO_LARGE), file("busy"): retry(Reason.BUSY)}
    report_batch(report, "dev", 0.0)
    return {field for line in capsys.readouterr().out.splitlines() for field in json.loads(line)}


@pytest.mark.parametrize("query", QUERIES, ids=[query.name for query in QUERIES])
def test_a_query_asks_for_fields_that_the_log_has(logged: set[str], query: Query) -> None:
    assert words(query.text) - logged - _INSIGHTS - _POWERTOOLS - _LAMBDA == set()


def test_the_words_of_outcomes_are_those_of_the_log() -> None:
    asked = {value for query in QUERIES for value in re.findall(r"outcome = '(\w+)'", query.text)}
    assert asked == {rejected(Reason.TOO_LARGE).kind, retry(Reason.BUSY).kind}


def test_the_queries_are_saved_under_the_stacks_name_for_the_functions_log(prod: "Deployed") -> None:
    saved = [each.inputs for each in prod.all("cloudwatch/queryDefinition:QueryDefinition")]
    assert {each["name"]: each["queryString"] for each in saved} == {
        f"baler-prod-files-aggregator/{query.name}": query.text for query in QUERIES
    }
    assert {tuple(each["logGroupNames"]) for each in saved} == {("/aws/lambda/baler-prod-files-aggregator",)}


def test_every_query_is_in_a_runbook() -> None:
    pages = "".join(page.read_text() for page in (PROJECT_DIR / "docs" / "runbooks").glob("*.md"))
    assert [query.name for query in QUERIES if f"*{query.name}*" not in pages] == []
