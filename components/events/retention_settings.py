"""How long messages, records and objects stay."""

from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator

from components.events import timing
from components.events.stream_settings import StreamSettings
from components.settings.types import LogRetentionDays, refusal

_GLACIER_DAYS = 90
"""The least that an object in Glacier is paid for (S3 pricing)."""


class RetentionSettings(StreamSettings):
    """Days of retention. 0 is for ever; else nothing ends while a message, a replay or a redrive may need it."""

    queue_retention_days: Annotated[int, Field(ge=1, le=14)] = 4
    """Days that a message waits in a queue of the pipeline; at most eventsDeadLetterRetentionDays."""

    dead_letter_retention_days: Annotated[int, Field(ge=1, le=14)] = 14
    """Days since it was sent that a message stays among the dead letters; at least eventsQueueRetentionDays."""

    raw_glacier_days: Annotated[int, Field(ge=0, le=3650)] = 90
    """Days until raw events move to Glacier, from where reprocessing must restore them first. 0 never moves them."""

    raw_days: Annotated[int, Field(ge=0, le=36_500)] = 0
    """Days until raw events, and with them what was processed, are forgotten. 0 keeps them: reprocessing reads them."""

    rejected_days: Annotated[int, Field(ge=0, le=36_500)] = 0
    """Days until records that can never be events are deleted. 0 keeps them."""

    processed_days: Annotated[int, Field(ge=0, le=36_500)] = 0
    """Days until processed events are deleted; the table has rows of its own. 0 keeps them."""

    compacted_days: Annotated[int, Field(ge=0, le=36_500)] = 0
    """Days after an event's own time until its row leaves the table. 0 keeps all rows."""

    failure_days: Annotated[int, Field(ge=0, le=36_500)] = 90
    """Days until records that Lambda gave up are deleted, which a redrive brings back until then. 0 keeps them."""

    batch_days: Annotated[int, Field(ge=1, le=3650)] = 30
    """Days that the record of a batch stays in the table of batches."""

    log_retention_days: LogRetentionDays = 7
    """Days that the logs of this pipeline's functions are kept; one of the numbers that CloudWatch Logs accepts."""

    @field_validator("dead_letter_retention_days")
    @classmethod
    def _dead_letters_outlive_messages(cls, value: int, info: ValidationInfo) -> int:
        if (retention := info.data.get("queue_retention_days")) is not None and value < retention:
            raise refusal(
                f"it must be at least baler:eventsQueueRetentionDays, which is {retention}: SQS counts from the day "
                "that the message was sent, not from its move",
                retention,
            )
        return value

    @field_validator("raw_glacier_days")
    @classmethod
    def _messages_end_before_glacier(cls, value: int, info: ValidationInfo) -> int:
        if value and (read := _days_that_objects_are_read(info)) is not None and value <= read:
            raise refusal(
                f"it must be 0, or more than the {read} days that a message or a dead letter may ask for an object: "
                "Glacier cannot be read",
                read + 1,
            )
        return value

    @field_validator("raw_days")
    @classmethod
    def _raw_events_outlive_what_reads_them(cls, value: int, info: ValidationInfo) -> int:
        read, glacier = _days_that_objects_are_read(info), info.data.get("raw_glacier_days")
        if not value or read is None or glacier is None:
            return value
        least = max(read + 1, glacier + _GLACIER_DAYS if glacier else 0)
        if value < least:
            raise refusal(
                f"it must be 0 or at least {least}: a message or a dead letter may ask for an object for {read} days, "
                f"and one that moved to Glacier after baler:eventsRawGlacierDays {glacier} is paid for {_GLACIER_DAYS}",
                least,
            )
        return value

    @field_validator("processed_days")
    @classmethod
    def _processed_events_reach_the_table(cls, value: int, info: ValidationInfo) -> int:
        return _while_messages_live(value, info, "a message or a dead letter may ask for an object")

    @field_validator("failure_days")
    @classmethod
    def _failures_last_as_dead_letters_do(cls, value: int, info: ValidationInfo) -> int:
        if value and (letters := info.data.get("dead_letter_retention_days")) is not None and value < letters:
            raise refusal(
                f"it must be 0 or at least baler:eventsDeadLetterRetentionDays, which is {letters}: what Lambda gave "
                "up is this pipeline's dead letters of the stream",
                letters,
            )
        return value


def _days_that_objects_are_read(info: ValidationInfo) -> int | None:
    hours, letters = info.data.get("retention_hours"), info.data.get("dead_letter_retention_days")
    if hours is None or letters is None:
        return None
    return timing.days_that_objects_are_read(retention_hours=hours, dead_letter_retention_days=letters)


def _while_messages_live(value: int, info: ValidationInfo, why: str) -> int:
    if value and (read := _days_that_objects_are_read(info)) is not None and value <= read:
        raise refusal(f"it must be 0 or more than {read}: {why} for so many days", read + 1)
    return value
