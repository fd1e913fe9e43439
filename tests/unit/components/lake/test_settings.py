"""What a stack may set of the data lake, and what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from harness import given_settings
from harness.recorded_program import EVENTS_ALONE

from baler.lake.declarations import shipped_declarations
from components.lake.settings import LakeSettings
from components.pipelines import SETTINGS

if TYPE_CHECKING:
    from pathlib import Path

    from components.settings.error import SettingsError

MODELS = {"lake": LakeSettings}
REQUIRED: dict[str, Any] = {"baler:pipelines": ["lake"]}


def given(settings: dict[str, Any]) -> dict[str, Any]:
    return {f"baler:lake{key[0].upper()}{key[1:]}": value for key, value in settings.items()}


def read(**settings: Any) -> LakeSettings:
    found = given_settings.read({**REQUIRED, **given(settings)}, MODELS).pipelines["lake"]
    assert isinstance(found, LakeSettings)
    return found


def refused(shared: dict[str, Any] | None = None, **settings: Any) -> SettingsError:
    return given_settings.refusal({**REQUIRED, **(shared or {}), **given(settings)}, MODELS)


@pytest.mark.requirement("LAKE-INGEST-01", "LAKE-QUEUE-01", "LAKE-OBS-01", "LAKE-STORE-01")
def test_the_documents_numbers_are_the_defaults_and_it_asks_for_none() -> None:
    found = read()
    assert found.schedule_minutes == 5
    assert (found.ingestion_memory_megabytes, found.ingestion_timeout_seconds) == (256, 60)
    assert (found.curation_memory_megabytes, found.curation_timeout_seconds) == (256, 60)
    assert (found.api_memory_megabytes, found.api_timeout_seconds) == (512, 10)
    assert (found.curation_batch_size, found.log_retention_days) == (10, 7)
    assert (found.raw_archive_days, found.raw_retention_days, found.record_retention_days) == (0, 0, 0)
    assert not found.keep_versions


def test_an_event_is_stale_when_the_next_one_is_due_and_lambda_gives_it_up_then_as_far_as_it_can() -> None:
    assert (read().stale_seconds, read().event_age_seconds) == (300, 300)
    assert (read(scheduleMinutes=1, ingestionTimeoutSeconds=54).event_age_seconds) == 60
    daily = read(scheduleMinutes=1440)
    assert (daily.stale_seconds, daily.event_age_seconds) == (86_400, 21_600)


def test_a_message_is_hidden_for_six_time_outs() -> None:
    assert read(curationTimeoutSeconds=90).curation_visibility_seconds == 540


@pytest.mark.parametrize(
    ("settings", "key", "says"),
    [
        ({"scheduleMinutes": 0}, "lakeScheduleMinutes", "greater than or equal to 1"),
        ({"scheduleMinutes": 1441}, "lakeScheduleMinutes", "less than or equal to 1440"),
        ({"scheduleMinutes": 1}, "lakeIngestionTimeoutSeconds", "at most 54 with baler:lakeScheduleMinutes 1"),
        ({"ingestionTimeoutSeconds": 295}, "lakeIngestionTimeoutSeconds", "at most 294"),
        ({"ingestionTimeoutSeconds": 19}, "lakeIngestionTimeoutSeconds", "greater than or equal to 20"),
        ({"curationBatchSize": 11}, "lakeCurationBatchSize", "less than or equal to 10"),
        ({"curationConcurrency": 1}, "lakeCurationConcurrency", "greater than or equal to 2"),
        ({"apiTimeoutSeconds": 30}, "lakeApiTimeoutSeconds", "less than or equal to 29"),
        ({"rawArchiveDays": 28}, "lakeRawArchiveDays", "more than the 28 days"),
        ({"rawRetentionDays": 400}, "lakeRawRetentionDays", "0 while baler:lakeRecordRetentionDays is 0"),
        ({"rawRetentionDays": 28, "recordRetentionDays": 1}, "lakeRawRetentionDays", "it must be 0 or at least 29"),
        ({"rawRetentionDays": 90, "recordRetentionDays": 90}, "lakeRawRetentionDays", "it must be 0 or at least 91"),
        (
            {"rawRetentionDays": 118, "recordRetentionDays": 30, "rawArchiveDays": 29},
            "lakeRawRetentionDays",
            "it must be 0 or at least 119",
        ),
        ({"logRetentionDays": 8}, "lakeLogRetentionDays", "CloudWatch Logs accepts only"),
        ({"openOrigins": ["http://10.0.0.1:80"]}, "lakeOpenOrigins[0]", "a loopback address"),
        ({"openOrigins": ["https://127.0.0.1"]}, "lakeOpenOrigins[0]", "origin of HTTP"),
        ({"openOrigins": ["http://localhost:4510"]}, "lakeOpenOrigins[0]", "a loopback address"),
        ({"openOrigins": ["http://127.0.0.1:4510/posts"]}, "lakeOpenOrigins[0]", "nothing behind it"),
        ({"openOrigins": ["http://me@127.0.0.1:4510"]}, "lakeOpenOrigins[0]", "origin of HTTP"),
        ({"openOrigins": ["http://127.0.0.1:99999"]}, "lakeOpenOrigins[0]", "origin of HTTP"),
        ({"sourcesFile": "there/is/none.toml"}, "lakeSourcesFile", "it cannot be read"),
        ({"sourcesFile": "components"}, "lakeSourcesFile", "it cannot be read"),
    ],
)
def test_a_wrong_value_is_refused_with_its_key_and_the_reason(settings: dict[str, Any], key: str, says: str) -> None:
    wrong = {each.key: each.problem for each in refused(**settings).wrong}
    assert says in wrong[f"baler:{key}"]


def test_glacier_is_not_named_to_a_stack_that_moves_nothing_there() -> None:
    (wrong,) = refused(rawRetentionDays=30, recordRetentionDays=30).wrong
    assert "Glacier" not in wrong.problem


def test_what_is_right_is_accepted_to_the_number() -> None:
    assert read(scheduleMinutes=1, ingestionTimeoutSeconds=54).stale_seconds == 60
    assert read(rawArchiveDays=29).raw_archive_days == 29
    assert read(rawRetentionDays=119, recordRetentionDays=30, rawArchiveDays=29).raw_retention_days == 119
    assert read(openOrigins=["http://127.0.0.1:4510", "http://[::1]:4511"]).open_origins[1] == "http://[::1]:4511"


@pytest.mark.requirement("LAKE-INGEST-02")
def test_a_stack_without_a_file_of_its_own_has_the_two_sources_that_are_shipped() -> None:
    found = read().declared
    assert found.text == shipped_declarations()
    assert [source.name for source in found.sources] == ["jsonplaceholder", "randomuser"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("[[source]", "the file is not TOML"),
        ('[[source]]\nname = "a"\ntype = "a"\nid = "id"', "source 'a': url is missing"),
        ('[[source]]\nname = "a"\ntype = "a"\nid = "id"\nurl = "http://a.example"', "url must begin with https://"),
        ('[[source]]\nname = "a"\ntype = "a"\nid = "id"\nurl = "https://a.example"\nfield = 1', "'field' is unknown"),
        (b"\xff", "cannot be read"),
    ],
)
def test_a_wrong_file_of_sources_is_refused_before_anything_is_deployed(
    tmp_path: Path, text: str | bytes, says: str
) -> None:
    file = tmp_path / "sources.toml"
    file.write_bytes(text if isinstance(text, bytes) else text.encode())
    (wrong,) = refused(sourcesFile=str(file)).wrong
    assert wrong.key == "baler:lakeSourcesFile"
    assert says in wrong.problem
    assert wrong.fix == "pulumi config set baler:lakeSourcesFile '<file>.toml'"


def test_a_source_without_https_needs_an_open_origin_and_what_is_protected_has_none(tmp_path: Path) -> None:
    file = tmp_path / "sources.toml"
    file.write_text(
        '[[source]]\nname = "a"\ntype = "a"\nid = "id"\ndocument = "whole"\nurl = "http://127.0.0.1:4510/a"'
    )
    origins = ["http://127.0.0.1:4510"]
    assert read(sourcesFile=str(file), openOrigins=origins).declared.sources[0].name == "a"
    assert refused(sourcesFile=str(file)).wrong[0].key == "baler:lakeSourcesFile"
    protected = {"baler:protectData": True, "baler:alarmSubscriptions": ["a@example.org"]}
    wrong = {each.key: each for each in refused(protected, sourcesFile=str(file), openOrigins=origins).wrong}
    assert "a stack with baler:protectData" in wrong["baler:lakeOpenOrigins"].problem
    assert wrong["baler:lakeOpenOrigins"].fix == "pulumi config rm --path 'baler:lakeOpenOrigins[0]'"


def test_keys_of_the_lake_are_refused_where_a_stack_does_not_have_it() -> None:
    stack = {**EVENTS_ALONE, "baler:lakeScheduleMinutes": 7, "baler:lakeApiOrigins": ["https://example.org"]}
    wrong = {each.key: each.problem for each in given_settings.refusal(stack, SETTINGS).wrong}
    assert set(wrong) == {"baler:lakeScheduleMinutes", "baler:lakeApiOrigins"}
    assert all("add lake to baler:pipelines" in problem for problem in wrong.values())


def test_the_projects_defaults_are_none_of_a_stack_that_does_not_have_the_lake() -> None:
    stack = {**EVENTS_ALONE, "baler:lakeScheduleMinutes": 5, "baler:lakeApiOrigins": ["*"], "baler:lakeDashboard": True}
    assert list(given_settings.read(stack, SETTINGS).pipelines) == ["events"]
