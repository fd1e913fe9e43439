"""What a stack may set of the event stream, and what is refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from harness import given_settings

from baler.events.transformation import Thresholds
from components.events.settings import EventsSettings

if TYPE_CHECKING:
    from components.settings.error import SettingsError

MODELS = {"events": EventsSettings}
REQUIRED: dict[str, Any] = {
    "baler:pipelines": ["events"],
    "baler:eventsProducerPrincipalArn": "arn:aws:iam::111122223333:role/producer",
}


def read(**settings: Any) -> EventsSettings:
    given = {f"baler:events{key[0].upper()}{key[1:]}": value for key, value in settings.items()}
    found = given_settings.read({**REQUIRED, **given}, MODELS).pipelines["events"]
    assert isinstance(found, EventsSettings)
    return found


def refused(**settings: Any) -> SettingsError:
    given = {f"baler:events{key[0].upper()}{key[1:]}": value for key, value in settings.items()}
    return given_settings.refusal({**REQUIRED, **given}, MODELS)


@pytest.mark.requirement("EVENT-STREAM-01", "EVENT-PROCESS-01", "EVENT-META-01", "EVENT-SCALE-01", "EVENT-COST-02")
def test_the_documents_numbers_are_the_defaults() -> None:
    found = read()
    assert (found.shards, found.retention_hours, found.stream_mode) == (2, 24, "provisioned")
    assert (found.batch_size, found.batching_window_seconds) == (100, 5)
    assert (found.processor_memory_megabytes, found.processor_timeout_seconds) == (512, 60)
    assert (found.transformer_memory_megabytes, found.transformer_timeout_seconds) == (512, 60)
    assert (found.raw_glacier_days, found.batch_days, found.dead_letter_retention_days) == (90, 30, 14)
    assert (found.log_retention_days, found.high_value_above) == (7, 1000)


def test_the_thresholds_are_those_of_the_transformer() -> None:
    assert Thresholds(**read().thresholds) == Thresholds()
    changed = read(highValueAbove=500, expectedValueFrom=-40).thresholds
    assert Thresholds(**changed) == Thresholds(high_value_above=500, expected_from=-40)


@pytest.mark.parametrize("days", [{}, {"retentionHours": 8760, "rawGlacierDays": 0}])
def test_a_record_is_set_aside_before_the_stream_forgets_it_and_within_what_lambda_takes(days: dict[str, Any]) -> None:
    found = read(**days)
    assert 60 <= found.oldest_record_seconds < found.retention_hours * 3600 < found.patience_seconds
    assert found.oldest_record_seconds <= 604_800


@pytest.mark.parametrize(
    ("settings", "key", "says"),
    [
        ({"shards": 0}, "eventsShards", "greater than or equal to 1"),
        ({"expectedPerSecond": 2001}, "eventsShards", "it must be at least 3 with baler:eventsExpectedPerSecond 2001"),
        ({"retentionHours": 23}, "eventsRetentionHours", "greater than or equal to 24"),
        ({"retentionHours": 8761}, "eventsRetentionHours", "less than or equal to 8760"),
        ({"streamMode": "other"}, "eventsStreamMode", "'provisioned' or 'on-demand'"),
        ({"batchSize": 1001}, "eventsBatchSize", "less than or equal to 1000"),
        ({"batchingWindowSeconds": 21}, "eventsBatchingWindowSeconds", "less than or equal to 20"),
        ({"deadLetterRetentionDays": 3}, "eventsDeadLetterRetentionDays", "at least baler:eventsQueueRetentionDays"),
        ({"rawGlacierDays": 15}, "eventsRawGlacierDays", "it must be 0, or more than the 15 days"),
        ({"retentionHours": 168, "rawGlacierDays": 21}, "eventsRawGlacierDays", "more than the 21 days"),
        ({"rawDays": 179}, "eventsRawDays", "it must be 0 or at least 180"),
        ({"rawDays": 15, "rawGlacierDays": 0}, "eventsRawDays", "it must be 0 or at least 16"),
        ({"processedDays": 15}, "eventsProcessedDays", "it must be 0 or more than 15"),
        ({"failureDays": 13}, "eventsFailureDays", "at least baler:eventsDeadLetterRetentionDays"),
        ({"logRetentionDays": 8}, "eventsLogRetentionDays", "CloudWatch Logs accepts only"),
        ({"mediumAmountFrom": 10}, "eventsMediumAmountFrom", "more than baler:eventsSmallAmountFrom, which is 10"),
        ({"largeAmountFrom": 50}, "eventsLargeAmountFrom", "more than baler:eventsMediumAmountFrom, which is 100"),
        ({"longSessionFrom": 60}, "eventsLongSessionFrom", "more than baler:eventsMediumSessionFrom"),
        ({"normalValueTo": 20}, "eventsNormalValueTo", "more than baler:eventsNormalValueFrom"),
        ({"expectedValueTo": -1}, "eventsExpectedValueTo", "more than baler:eventsExpectedValueFrom"),
        ({"compactionDelaySeconds": 301}, "eventsCompactionDelaySeconds", "less than or equal to 300"),
        ({"queryGigabytes": 0}, "eventsQueryGigabytes", "greater than or equal to 1"),
        ({"producerPrincipalArn": ""}, "eventsProducerPrincipalArn", "is not set"),
        ({"producerPrincipalArn": "*"}, "eventsProducerPrincipalArn", "one role, user or account root"),
        ({"analystPrincipalArns": ["arn:aws:iam::111122223333:root"]}, "eventsAnalystPrincipalArns[0]", "root user"),
        ({"replicaBucketArn": "arn:aws:s3:::*"}, "eventsReplicaBucketArn", "one bucket"),
    ],
)
def test_a_wrong_value_is_refused_with_its_key_and_the_reason(settings: dict[str, Any], key: str, says: str) -> None:
    wrong = refused(**settings).wrong
    assert [(each.key, says in each.problem) for each in wrong] == [(f"baler:{key}", True)], wrong


@pytest.mark.parametrize(
    "settings",
    [
        {"expectedPerSecond": 2000},
        {"expectedPerSecond": 50_000, "streamMode": "on-demand"},
        {"rawDays": 180},
        {"rawDays": 16, "rawGlacierDays": 0},
        {"processedDays": 16, "compactedDays": 1, "rejectedDays": 1},
        {"failureDays": 0},
        {"compactionDelaySeconds": 0},
    ],
)
def test_what_is_offered_instead_is_accepted(settings: dict[str, Any]) -> None:
    read(**settings)


@pytest.mark.requirement("EVENT-FLOW-03")
def test_a_message_outlasts_an_outage_of_a_day_whatever_the_time_outs_are() -> None:
    for timeout in (15, 60, 900):
        visibility = read(transformerTimeoutSeconds=timeout).transform_visibility_seconds
        assert visibility == 6 * timeout
