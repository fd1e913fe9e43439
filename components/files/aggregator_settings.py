"""How files are bundled: the batches that the aggregator takes, and what it has to work with."""

from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator

from components.files import capacity, timing
from components.files.retention_settings import RetentionSettings
from components.settings.types import refusal


class AggregatorSettings(RetentionSettings):
    """The aggregator, and the queue that feeds it, which keeps messages as long as they are retained."""

    batching_window_seconds: Annotated[int, Field(ge=0, le=40)] = 10
    """Longest wait for a batch to fill, in seconds. More than 40 leaves the function no time before a retry."""

    batch_size: Annotated[int, Field(ge=1, le=1000)] = 100
    """Most files that one invocation takes; more than 10 needs a batching window."""

    function_timeout_seconds: Annotated[int, Field(ge=5, le=900)] = 18
    """Longest run of the function, in seconds; one retry must still meet the 3-minute objective."""

    function_memory_megabytes: Annotated[int, Field(ge=128, le=10240)] = 512
    """Memory of the function; its share of the processor grows with it."""

    max_file_megabytes: Annotated[int, Field(ge=1, le=4096)] = 100
    """Largest file that is bundled; a larger one ends in the dead-letter queue."""

    max_bundle_megabytes: Annotated[int, Field(ge=1, le=4096)] = 128
    """Size of files at which a batch is split into several bundles; at least filesMaxFileMegabytes."""

    function_disk_megabytes: Annotated[int, Field(ge=512, le=10240)] = 1024
    """Disk of the function; at least filesMaxFileMegabytes + 2 x filesMaxBundleMegabytes."""

    maximum_concurrency: Annotated[int, Field(ge=2, le=1000)] = 10
    """Most invocations that an ingest queue starts at the same time; each of baler:filesLandingPrefixes has one."""

    @property
    def visibility_timeout_seconds(self) -> int:
        """How long the ingest queue hides a message that the function received."""
        return timing.visibility_timeout_seconds(
            function_timeout=self.function_timeout_seconds, batching_window=self.batching_window_seconds
        )

    @property
    def max_receive_count(self) -> int:
        """Receives of a message before SQS moves it to the dead-letter queue: as many as the longest outage takes."""
        return timing.receives_of_an_outage(visibility_timeout=self.visibility_timeout_seconds)

    @property
    def longest_retry_seconds(self) -> int:
        """How long a message that failed waits at the most."""
        return timing.longest_retry_seconds(queue_retention=self.queue_retention_days, receives=self.max_receive_count)

    @field_validator("maximum_concurrency")
    @classmethod
    def _all_lanes_fit_into_an_account(cls, value: int, info: ValidationInfo) -> int:
        lanes = len(info.data.get("landing_prefixes", ()))
        if lanes > 1 and value * lanes > capacity.ACCOUNT_CONCURRENCY:
            most = capacity.ACCOUNT_CONCURRENCY // lanes
            raise refusal(
                f"it must be at most {most} for each of the {lanes} queues of baler:filesLandingPrefixes: Lambda runs "
                f"{capacity.ACCOUNT_CONCURRENCY:,} functions of an account at once, and a queue whose function is "
                "throttled goes on receiving, which uses up the receives of good messages",
                most,
            )
        return value

    @field_validator("batch_size")
    @classmethod
    def _large_batches_have_a_window(cls, value: int, info: ValidationInfo) -> int:
        if info.data.get("batching_window_seconds") == 0 and value > 10:  # noqa: PLR2004 - Lambda's own number
            raise refusal("it may be more than 10 only if baler:filesBatchingWindowSeconds is at least 1", 10)
        return value

    @field_validator("function_timeout_seconds")
    @classmethod
    def _outlasts_an_outage_and_one_retry_meets_the_objective(cls, value: int, info: ValidationInfo) -> int:
        if (window := info.data.get("batching_window_seconds")) is not None:
            shortest = timing.least_function_timeout_seconds(batching_window=window)
            if value < shortest:
                raise refusal(
                    f"it must be at least {shortest} with baler:filesBatchingWindowSeconds {window}: SQS allows "
                    f"{timing.MOST_RECEIVES} receives, which a function that crashes would use up in less than "
                    f"{timing.OUTAGE_HOURS} hours, and good messages would be dead letters",
                    shortest,
                )
            longest = timing.longest_function_timeout_seconds(batching_window=window)
            if value > longest:
                took = timing.delivery_after_one_retry_seconds(function_timeout=value, batching_window=window)
                raise refusal(
                    f"it must be at most {longest} with baler:filesBatchingWindowSeconds {window}: a file whose first "
                    f"attempt dies would arrive after up to {took} seconds, and the objective is "
                    f"{timing.DELIVERY_OBJECTIVE_SECONDS}",
                    longest,
                )
        return value

    @field_validator("max_bundle_megabytes")
    @classmethod
    def _a_bundle_takes_any_file(cls, value: int, info: ValidationInfo) -> int:
        if (largest := info.data.get("max_file_megabytes")) is not None and value < largest:
            raise refusal(f"it must be at least baler:filesMaxFileMegabytes, which is {largest}", largest)
        return value

    @field_validator("function_disk_megabytes")
    @classmethod
    def _the_disk_holds_the_work(cls, value: int, info: ValidationInfo) -> int:
        largest, bundle = info.data.get("max_file_megabytes"), info.data.get("max_bundle_megabytes")
        if largest is not None and bundle is not None and value < (needed := largest + 2 * bundle):
            raise refusal(
                f"it must be at least {needed}: the open bundle and the files fetched for it, each up to "
                f"baler:filesMaxBundleMegabytes {bundle}, and one file more, up to baler:filesMaxFileMegabytes "
                f"{largest}",
                needed,
            )
        return value
