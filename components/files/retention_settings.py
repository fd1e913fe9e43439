"""How long files, messages and bundles stay."""

from typing import Annotated, Literal

from pydantic import Field, ValidationInfo, field_validator

from components.files import timing
from components.settings.model import PipelineSettings, shared
from components.settings.types import refusal, unset


class RetentionSettings(PipelineSettings):
    """Days of retention, of which each later one has to outlive the earlier ones."""

    landing_retention_days: Annotated[int, Field(ge=2, le=365)] = 7
    """Days until S3 deletes a raw file for good, to which it adds up to four; more than filesQueueRetentionDays."""

    queue_retention_days: Annotated[int, Field(ge=1, le=14)] = 4
    """Days that a message waits in the ingest queue, and an overwritten file stays; below filesLandingRetentionDays."""

    dead_letter_retention_days: Annotated[int, Field(ge=1, le=14)] = 14
    """Days since it was sent that a message stays in the dead-letter queue; at least filesQueueRetentionDays."""

    archive_transition_days: Annotated[int, Field(ge=1, le=3650)] = 20
    """Days until a bundle moves to Deep Archive; more than a claim lives, which outlives file and message."""

    transition_small_bundles: bool = False
    """Whether bundles move to Deep Archive too that are so small that they cost less where they are (docs/cost.md)."""

    archive_lock_days: Annotated[int, Field(ge=0, le=36_500)] = 0
    """Days in which S3 lets nobody delete what came into the archive (Object Lock). 0 leaves that to its policy."""

    archive_lock_mode: Literal["GOVERNANCE", "COMPLIANCE"] = "GOVERNANCE"
    """Whom the lock binds: GOVERNANCE all without s3:BypassGovernanceRetention, COMPLIANCE the account's root too."""

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

    @field_validator("queue_retention_days")
    @classmethod
    def _messages_end_before_their_files(cls, value: int, info: ValidationInfo) -> int:
        if (retention := info.data.get("landing_retention_days")) is not None and value >= retention:
            raise refusal(
                f"it must be less than baler:filesLandingRetentionDays, which is {retention}: a message that outlives "
                "its file can no longer be delivered, and an overwritten file stays as long as a message, out of that "
                "time",
                retention - 1,
            )
        return value

    @field_validator("dead_letter_retention_days")
    @classmethod
    def _dead_letters_outlive_messages(cls, value: int, info: ValidationInfo) -> int:
        if (retention := info.data.get("queue_retention_days")) is not None and value < retention:
            raise refusal(
                f"it must be at least baler:filesQueueRetentionDays, which is {retention}: SQS counts from the day "
                "that the message was sent, not from its move",
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
                    f"it must be more than {claim}, the days that a claim lives with baler:filesLandingRetentionDays "
                    f"{landing} and baler:filesDeadLetterRetentionDays {letters}: finishing a dead attempt reads its "
                    "bundle, and Deep Archive cannot be read",
                    claim + 1,
                )
        return value

    @field_validator("archive_lock_days")
    @classmethod
    def _what_is_locked_is_protected(cls, value: int, info: ValidationInfo) -> int:
        if value and not shared(info).get("protect_data"):
            raise unset(
                "protectData",
                "a bucket whose objects nobody can delete cannot be destroyed, so baler:filesArchiveLockDays is for "
                "stacks that are protected from that",
                "true",
            )
        return value
