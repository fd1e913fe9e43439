"""The traces of ingestion and of curation are found together by the key of a raw object."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aws_xray_sdk import global_sdk_config
from aws_xray_sdk.core import xray_recorder

from runtime.lake.curation import observability as curation
from runtime.lake.ingestion import observability as ingestion
from runtime.lake.ingestion.ingestion import RunReport
from runtime.lake.ingestion.outcome import RunOutcome, SourceReport

if TYPE_CHECKING:
    from collections.abc import Iterator

KEY = "raw/source=posts/date=2026-03-08/20260308T100000Z-00.json"


@pytest.fixture
def segment(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """A trace that goes nowhere."""
    for module in (curation, ingestion):
        monkeypatch.setattr(module.tracer, "disabled", False)
    was_enabled = global_sdk_config.sdk_enabled()
    global_sdk_config.set_sdk_enabled(True)
    xray_recorder.configure(sampling=False, context_missing="RUNTIME_ERROR", service="lake")
    yield xray_recorder.begin_segment("function")
    xray_recorder.clear_trace_entities()
    global_sdk_config.set_sdk_enabled(was_enabled)


def keys_in(segment: Any) -> list[dict[str, Any]]:
    return [each.annotations for each in segment.subsegments]


@pytest.mark.requirement("LAKE-OBS-04")
def test_curation_leaves_the_key_in_its_trace(segment: Any) -> None:
    with curation.traced(KEY):
        pass
    assert keys_in(segment) == [{"raw_s3_key": KEY}]


@pytest.mark.requirement("LAKE-OBS-04")
def test_ingestion_leaves_the_keys_in_its_trace(segment: Any) -> None:
    ingestion.report_run(
        RunReport((SourceReport("posts", RunOutcome.PUBLISHED, objects=2, keys=(KEY, "other")),)), "test"
    )
    assert keys_in(segment) == [{"raw_s3_key": KEY}, {"raw_s3_key": "other"}]
