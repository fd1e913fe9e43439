"""What a stack can set: every key with its unit, default and bounds, and the rules between them.

Pulumi.yaml repeats names, types, defaults and descriptions for the Pulumi CLI; a test keeps the two equal.
`stack_settings.py` reads a stack into this model.
"""

from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator

from components.files import timing
from components.files.party_settings import PartySettings
from components.settings.alarms import AlarmSettings
from components.settings.data import DataSettings
from components.settings.network import NetworkSettings
from components.settings.types import LogRetentionDays, refusal


# The fields of the last base come first.
class Settings(AlarmSettings, NetworkSettings, PartySettings, DataSettings):
    """All settings of one stack: the data's, the parties', the network's, the alarms', and here the pipeline's."""

    landing_retention_days: Annotated[int, Field(ge=2, le=365)] = 7
    """Days until S3 deletes a raw file for good, to which it adds up to four; more than queueRetentionDays."""

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
    """Size of files at which a batch is split into several bundles; at least maxFileMegabytes."""

    function_disk_megabytes: Annotated[int, Field(ge=512, le=10240)] = 1024
    """Disk of the function; at least maxFileMegabytes + 2 x maxBundleMegabytes."""

    function_architecture: Literal["arm64", "x86_64"] = "arm64"
    """Processor that the function runs on and is packaged for."""

    function_python: Literal["3.11", "3.12", "3.13"] = "3.13"
    """Python that the function runs on and is packaged for."""

    rollout: Literal["canary", "at-once"] = "canary"
    """How a new version takes over: at-once, or canary, where `baler deploy` tries a tenth first and alarms go back."""

    maximum_concurrency: Annotated[int, Field(ge=2, le=1000)] = 10
    """Most invocations that the ingest queue starts at the same time."""

    queue_retention_days: Annotated[int, Field(ge=1, le=14)] = 4
    """Days that a message waits in the ingest queue, and that an overwritten file stays; below landingRetentionDays."""

    dead_letter_retention_days: Annotated[int, Field(ge=1, le=14)] = 14
    """Days since it was sent that a message stays in the dead-letter queue; at least queueRetentionDays."""

    archive_transition_days: Annotated[int, Field(ge=1, le=3650)] = 20
    """Days until a bundle moves to Deep Archive; more than a claim lives, which outlives file and message."""

    log_retention_days: LogRetentionDays = 30
    """Days that the logs of function and network are kept; one of the numbers that CloudWatch Logs accepts."""

    log_level: Literal["DEBUG", "INFO"] = "INFO"
    """Least severe message that the function logs. Nothing above INFO, the level that Lambda takes metrics for."""

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

    @property
    def landing_lifecycle(self) -> timing.LandingLifecycle:
        """When S3 removes raw files."""
        return timing.landing_lifecycle(
            landing_retention=self.landing_retention_days, queue_retention=self.queue_retention_days
        )

    @property
    def claim_lifetime_seconds(self) -> int:
        """How long a claim of a file lasts."""
        days = timing.claim_lifetime_days(
            landing_retention=self.landing_retention_days, dead_letter_retention=self.dead_letter_retention_days
        )
        return days * timing.SECONDS_PER_DAY

    @field_validator("batch_size")
    @classmethod
    def _large_batches_have_a_window(cls, value: int, info: ValidationInfo) -> int:
        if info.data.get("batching_window_seconds") == 0 and value > 10:  # noqa: PLR2004 - Lambda's own number
            raise refusal("it may be more than 10 only if baler:batchingWindowSeconds is at least 1", 10)
        return value

    @field_validator("function_timeout_seconds")
    @classmethod
    def _outlasts_an_outage_and_one_retry_meets_the_objective(cls, value: int, info: ValidationInfo) -> int:
        if (window := info.data.get("batching_window_seconds")) is not None:
            shortest = timing.least_function_timeout_seconds(batching_window=window)
            if value < shortest:
                raise refusal(
                    f"it must be at least {shortest} with baler:batchingWindowSeconds {window}: SQS allows "
                    f"{timing.MOST_RECEIVES} receives, which a function that crashes would use up in less than "
                    f"{timing.OUTAGE_HOURS} hours, and good messages would be dead letters",
                    shortest,
                )
            longest = timing.longest_function_timeout_seconds(batching_window=window)
            if value > longest:
                took = timing.delivery_after_one_retry_seconds(function_timeout=value, batching_window=window)
                raise refusal(
                    f"it must be at most {longest} with baler:batchingWindowSeconds {window}: a file whose first "
                    f"attempt dies would arrive after up to {took} seconds, and the objective is "
                    f"{timing.DELIVERY_OBJECTIVE_SECONDS}",
                    longest,
                )
        return value

    @field_validator("max_bundle_megabytes")
    @classmethod
    def _a_bundle_takes_any_file(cls, value: int, info: ValidationInfo) -> int:
        if (largest := info.data.get("max_file_megabytes")) is not None and value < largest:
            raise refusal(f"it must be at least baler:maxFileMegabytes, which is {largest}", largest)
        return value

    @field_validator("function_disk_megabytes")
    @classmethod
    def _the_disk_holds_the_work(cls, value: int, info: ValidationInfo) -> int:
        largest, bundle = info.data.get("max_file_megabytes"), info.data.get("max_bundle_megabytes")
        if largest is not None and bundle is not None and value < (needed := largest + 2 * bundle):
            raise refusal(
                f"it must be at least {needed}: the open bundle and the files fetched for it, each up to "
                f"baler:maxBundleMegabytes {bundle}, and one file more, up to baler:maxFileMegabytes {largest}",
                needed,
            )
        return value

    @field_validator("queue_retention_days")
    @classmethod
    def _messages_end_before_their_files(cls, value: int, info: ValidationInfo) -> int:
        if (retention := info.data.get("landing_retention_days")) is not None and value >= retention:
            raise refusal(
                f"it must be less than baler:landingRetentionDays, which is {retention}: a message that outlives its "
                "file can no longer be delivered, and an overwritten file stays as long as a message, out of that time",
                retention - 1,
            )
        return value

    @field_validator("dead_letter_retention_days")
    @classmethod
    def _dead_letters_outlive_messages(cls, value: int, info: ValidationInfo) -> int:
        if (retention := info.data.get("queue_retention_days")) is not None and value < retention:
            raise refusal(
                f"it must be at least baler:queueRetentionDays, which is {retention}: SQS counts from the day that "
                "the message was sent, not from its move",
                retention,
            )
        return value

    @field_validator("archive_transition_days")
    @classmethod
    def _claims_end_before_deep_archive(cls, value: int, info: ValidationInfo) -> int:
        landing, letters = info.data.get("landing_retention_days"), info.data.get("dead_letter_retention_days")
        if landing is not None and letters is not None:
            claim = timing.claim_lifetime_days(landing_retention=landing, dead_letter_retention=letters)
            if value <= claim:
                raise refusal(
                    f"it must be more than {claim}, the days that a claim lives with baler:landingRetentionDays "
                    f"{landing} and baler:deadLetterRetentionDays {letters}: finishing a dead attempt reads its "
                    "bundle, and Deep Archive cannot be read",
                    claim + 1,
                )
        return value
