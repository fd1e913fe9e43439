from dataclasses import astuple

import pytest

from baler.commands.cost.figures import figures
from baler.commands.cost.settings import read_stack_settings
from baler.commands.cost.traffic import HOURS_PER_MONTH, Profile, Traffic
from components.files import timing
from components.files.settings import FilesSettings
from sandbox.engine.program import PROJECT_DIR


def test_visibility_is_six_timeouts_and_the_window() -> None:
    assert timing.visibility_timeout_seconds(function_timeout=20, batching_window=10) == 130


@pytest.mark.requirement("PULL-NFR-02")
def test_one_retry_waits_twice_for_a_batch_and_once_for_the_queue() -> None:
    assert timing.delivery_after_one_retry_seconds(function_timeout=10, batching_window=30) == 30 + 90 + 30 + 10


@pytest.mark.requirement("PULL-NFR-02")
@pytest.mark.parametrize(("window", "longest"), [(0, 0), (1, 20), (10, 20), (20, 20), (21, 21)])
def test_at_a_low_rate_lambda_waits_20_seconds_whatever_the_window_is(window: int, longest: int) -> None:
    assert timing.longest_wait_for_a_batch_seconds(batching_window=window) == longest


@pytest.mark.requirement("PULL-NFR-02")
def test_the_defaults_leave_room_for_one_retry_at_a_low_rate() -> None:
    timeout, window = (
        FilesSettings.model_fields[n].default for n in ("function_timeout_seconds", "batching_window_seconds")
    )
    assert 20 + (6 * timeout + window) + 20 + timeout < 180


@pytest.mark.requirement("PULL-NFR-02")
@pytest.mark.parametrize("window", range(41))
def test_the_longest_timeout_just_meets_the_objective(window: int) -> None:
    longest = timing.longest_function_timeout_seconds(batching_window=window)
    for timeout, meets in ((longest, True), (longest + 1, False)):
        took = timing.delivery_after_one_retry_seconds(function_timeout=timeout, batching_window=window)
        assert (took < 180) is meets


@pytest.mark.parametrize("window", range(41))
def test_the_shortest_timeout_just_outlasts_an_outage_of_12_hours(window: int) -> None:
    shortest = timing.least_function_timeout_seconds(batching_window=window)
    for timeout, outlasts in ((shortest, True), (shortest - 1, False)):
        visibility = timing.visibility_timeout_seconds(function_timeout=timeout, batching_window=window)
        assert (1000 * visibility >= 12 * 3600) is outlasts


@pytest.mark.requirement("PUSH-NFR-02")
@pytest.mark.parametrize("window", range(41))
def test_the_longest_send_just_leaves_room_for_a_second_one(window: int) -> None:
    function = timing.longest_function_timeout_seconds(batching_window=window)
    longest = timing.longest_send_timeout_seconds(function_timeout=function, batching_window=window)
    for timeout, meets in ((longest, True), (longest + 1, False)):
        took = timing.acknowledged_after_one_resend_seconds(
            function_timeout=function, batching_window=window, send_timeout=timeout
        )
        assert (took < 180) is meets


@pytest.mark.requirement("PUSH-NFR-02", "PUSH-SUM-01")
def test_one_resend_comes_after_the_batch_the_function_a_lost_bell_and_a_send_that_timed_out() -> None:
    took = timing.acknowledged_after_one_resend_seconds(function_timeout=18, batching_window=10, send_timeout=30)
    assert took == 20 + 18 + 60 + 30 + 1 + 30


@pytest.mark.parametrize("window", range(41))
def test_the_defaults_of_a_send_fit_whatever_the_window_and_the_longest_function_are(window: int) -> None:
    fields = FilesSettings.model_fields
    function = timing.longest_function_timeout_seconds(batching_window=window)
    longest = timing.longest_send_timeout_seconds(function_timeout=function, batching_window=window)
    assert fields["send_timeout_seconds"].default <= longest


def test_a_message_that_is_retried_as_seldom_as_can_be_runs_out_of_receives_before_its_retention_ends() -> None:
    assert timing.longest_retry_seconds(queue_retention=4, receives=333) == 900
    assert timing.longest_retry_seconds(queue_retention=1, receives=333) * 333 < 86_400


RETENTIONS = pytest.mark.parametrize(("landing", "queue"), [(2, 1), (7, 4), (365, 14)])


@pytest.mark.requirement("PULL-NFR-03")
@RETENTIONS
def test_a_file_is_gone_after_the_retention_and_what_s3_adds(landing: int, queue: int) -> None:
    steps = timing.landing_lifecycle(landing_retention=landing, queue_retention=queue)
    assert steps.expiration_days + steps.noncurrent_days == landing
    rounding_to_midnight = carried_out_late = 1
    latest_end = sum(days + rounding_to_midnight + carried_out_late for days in astuple(steps))
    assert latest_end == timing.longest_stay_days(landing_retention=landing) == landing + 4


@RETENTIONS
def test_a_file_that_is_overwritten_at_once_stays_as_long_as_its_message_waits(landing: int, queue: int) -> None:
    assert timing.landing_lifecycle(landing_retention=landing, queue_retention=queue).noncurrent_days >= queue


@pytest.mark.parametrize("letters", [1, 14])
@pytest.mark.parametrize("retention", [2, 7, 365])
def test_a_claim_outlives_every_version_and_every_message_of_its_file(retention: int, letters: int) -> None:
    lifetime = timing.claim_lifetime_days(landing_retention=retention, dead_letter_retention=letters)
    assert lifetime >= timing.longest_stay_days(landing_retention=retention)
    assert lifetime > letters


@pytest.mark.parametrize(
    ("rate", "batch_size", "window", "concurrency", "bundles"),
    [
        (10, 100, 10, 10, 1715),  # five readers share the files: 21 each when a window ends
        (10, 100, 10, 2, 706),  # two have 51 each
        (1, 100, 10, 10, 1200),  # a reader that is quiet opens its window with the next file
        (100, 100, 10, 10, 3600),  # full before the window ends
        (10, 10, 0, 10, 36_000),  # nobody waits for a second file
    ],
)
def test_an_hour_of_bundles_is_that_of_readers_that_share_the_files(
    rate: int, batch_size: int, window: int, concurrency: int, bundles: int
) -> None:
    found = timing.hour_of_bundles(
        files_per_second=rate, batch_size=batch_size, batching_window=window, maximum_concurrency=concurrency
    )
    assert found == bundles


@pytest.mark.requirement("PULL-NFR-04")
def test_an_hour_of_bundles_is_the_hour_that_the_cost_model_counts() -> None:
    settings = read_stack_settings(PROJECT_DIR, "prod")
    profile = Profile(10.0, 2000.0, 3.0, 300.0, 1.0)
    per_hour = Traffic.of(profile, settings, figures()).bundles / HOURS_PER_MONTH
    found = timing.hour_of_bundles(
        files_per_second=10,
        batch_size=settings.batch_size,
        batching_window=settings.batching_window_seconds,
        maximum_concurrency=settings.maximum_concurrency,
    )
    assert per_hour <= found <= 1.1 * per_hour


def test_a_flood_of_rejections_is_a_tenth_of_the_expected_files() -> None:
    assert timing.flood_of_rejections(files_per_second=10) == 60


def test_an_hour_of_files_and_a_burst_follow_the_expected_rate() -> None:
    assert timing.hour_of_files(files_per_second=10) == 36_000
    assert timing.burst_of_files(files_per_second=10, seconds=300) == 30_000


def test_a_run_is_near_its_timeout_a_fifth_before_it() -> None:
    assert timing.run_near_timeout_milliseconds(function_timeout=20) == 16_000
