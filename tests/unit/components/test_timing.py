import pytest

from components import timing
from operations.cost.figures import figures
from operations.cost.settings import read_stack_settings
from operations.cost.traffic import HOURS_PER_MONTH, Profile, Traffic
from sandbox.engine.program import PROJECT_DIR


def test_visibility_is_six_timeouts_and_the_window() -> None:
    assert timing.visibility_timeout_seconds(function_timeout=20, batching_window=10) == 130


@pytest.mark.requirement("PULL-NFR-02")
def test_one_retry_waits_twice_for_a_batch_and_once_for_the_queue() -> None:
    assert timing.delivery_after_one_retry_seconds(function_timeout=20, batching_window=10) == 10 + 130 + 10 + 20


@pytest.mark.requirement("PULL-NFR-02")
@pytest.mark.parametrize("window", range(41))
def test_the_longest_timeout_just_meets_the_objective(window: int) -> None:
    longest = timing.longest_function_timeout_seconds(batching_window=window)
    for timeout, meets in ((longest, True), (longest + 1, False)):
        took = timing.delivery_after_one_retry_seconds(function_timeout=timeout, batching_window=window)
        assert (took < 180) is meets


@pytest.mark.parametrize("retention", [1, 7, 365])
def test_a_claim_outlives_a_version_that_both_lifecycle_steps_delay(retention: int) -> None:
    rounding_to_midnight = carried_out_late = 1
    latest_end_of_a_version = 2 * (retention + rounding_to_midnight + carried_out_late)
    assert timing.claim_lifetime_days(landing_retention=retention) >= latest_end_of_a_version


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
