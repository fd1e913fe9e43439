"""What a stack declares and could not carry is refused, with the reason and a value that would do."""

from __future__ import annotations

from typing import Any, Final

import pytest
from harness import given_settings

from components.files.settings import FilesSettings
from components.settings.error import SettingsError

TEN: Final = [f"{digit}/" for digit in range(10)]


def read(required: dict[str, Any], **settings: Any) -> FilesSettings:
    given = {f"baler:files{name}": value for name, value in settings.items()}
    found = given_settings.read({**required, **given}, {"files": FilesSettings}).pipelines["files"]
    assert isinstance(found, FilesSettings)
    return found


def refusal_of(required: dict[str, Any], **settings: Any) -> str:
    with pytest.raises(SettingsError) as refused:
        read(required, **settings)
    return str(refused.value)


def test_without_prefixes_there_is_one_lane(required: dict[str, Any]) -> None:
    assert read(required).lanes == 1
    assert read(required, LandingPrefixes=["a/", "b/c/"]).lanes == 2


@pytest.mark.parametrize("rate", [1016, 1])
def test_a_rate_that_one_queue_takes_needs_no_prefix(required: dict[str, Any], rate: int) -> None:
    assert read(required, ExpectedPerSecond=rate, MaximumConcurrency=10).expected_per_second == rate


def test_ten_lanes_take_ten_thousand(required: dict[str, Any]) -> None:
    settings = read(required, ExpectedPerSecond=10_000, MaximumConcurrency=15, LandingPrefixes=TEN)

    assert settings.lanes == 10


def test_a_queue_must_have_room_for_what_an_outage_leaves_hidden(required: dict[str, Any]) -> None:
    message = refusal_of(required, ExpectedPerSecond=1017, MaximumConcurrency=20)

    assert "baler:filesExpectedPerSecond is '1017': it must be at most 1016 with one queue" in message
    assert "hidden for 118 seconds" in message
    assert "120,000 messages in flight" in message
    assert "name 2 in baler:filesLandingPrefixes" in message
    assert "pulumi config set baler:filesExpectedPerSecond 1016" in message


def test_each_lane_must_have_it(required: dict[str, Any]) -> None:
    message = refusal_of(required, ExpectedPerSecond=3000, MaximumConcurrency=20, LandingPrefixes=["a/", "b/"])

    assert "it must be at most 2033 with 2 queues" in message
    assert "name 3 in baler:filesLandingPrefixes" in message


def test_where_no_number_of_lanes_suffices_the_timeout_is_named(required: dict[str, Any]) -> None:
    message = refusal_of(
        required,
        ExpectedPerSecond=10_000,
        MaximumConcurrency=100,
        LandingPrefixes=TEN,
        BatchSize=10,
        BatchingWindowSeconds=0,
        FunctionTimeoutSeconds=25,
    )

    assert "shorten baler:filesFunctionTimeoutSeconds; 13 queues are more than the 10 that there can be" in message


def test_functions_that_are_too_few_are_refused(required: dict[str, Any]) -> None:
    message = refusal_of(required, ExpectedPerSecond=1000, MaximumConcurrency=2)

    assert "it must be at most 212 with baler:filesMaximumConcurrency 2 and one queue" in message
    assert "set baler:filesMaximumConcurrency to 10 or more" in message


def test_functions_that_are_too_few_by_little_are_refused_too(required: dict[str, Any]) -> None:
    """`python -m benchmarks.model.scale` simulates it: the backlog grows."""
    message = refusal_of(required, ExpectedPerSecond=10_000, MaximumConcurrency=9, LandingPrefixes=TEN)

    assert "with baler:filesMaximumConcurrency 9 and 10 queues" in message
    assert "set baler:filesMaximumConcurrency to 10 or more" in message


def test_batches_whose_bundles_the_mailbox_cannot_take_are_refused(required: dict[str, Any]) -> None:
    message = refusal_of(
        required, ExpectedPerSecond=2000, MaximumConcurrency=500, LandingPrefixes=["a/", "b/"], BatchSize=1
    )

    assert "baler:filesExpectedPerSecond is '2000': it must be less with baler:filesBatchSize 1" in message
    assert "S3 takes 3,500 of both a second below a prefix" in message
    assert "set baler:filesBatchSize to 2 or more" in message


def test_all_lanes_together_fit_into_an_account(required: dict[str, Any]) -> None:
    message = refusal_of(required, LandingPrefixes=["a/", "b/", "c/"], MaximumConcurrency=334)

    assert "baler:filesMaximumConcurrency is '334': it must be at most 333 for each of the 3 queues" in message
    assert "pulumi config set baler:filesMaximumConcurrency 333" in message


@pytest.mark.parametrize(
    ("prefixes", "message"),
    [
        (["a/"], "one prefix makes one lane, which there is without it"),
        (["a/", ""], "an empty prefix overlaps all others, which S3 refuses"),
        (["a/", "a/b/"], "a/b/ and a/ overlap, and S3 does not tell two queues of one file"),
        (["a/b/", "a/"], "a/ and a/b/ overlap"),
        (["a/", "b/", "a/"], "it names a/ twice"),
        (["a", "b"], "with a slash at the end and none in front"),
        ([f"{digit * 40}/" for digit in "0123456789"], "all prefixes together must have at most 400 characters"),
        ([*TEN, "x/"], "it must name at most 10: SQS lets a dead-letter queue name no more sources"),
    ],
)
def test_prefixes_that_s3_or_sqs_could_not_tell_apart_are_refused(
    required: dict[str, Any], prefixes: list[str], message: str
) -> None:
    assert message in refusal_of(required, LandingPrefixes=prefixes)


def test_one_setting_says_where_the_external_party_puts(required: dict[str, Any]) -> None:
    message = refusal_of(required, LandingPrefixes=["a/", "b/"], ExternalPartyPrefix="party/")

    assert "baler:filesExternalPartyPrefix is set: baler:filesLandingPrefixes says where" in message
    assert "pulumi config rm baler:filesExternalPartyPrefix" in message
