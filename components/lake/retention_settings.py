"""How long messages, records, raw objects and logs stay."""

from typing import Annotated, Final

from pydantic import Field, ValidationInfo, field_validator

from components.lake import timing
from components.lake.answering_settings import AnsweringSettings
from components.settings.types import LogRetentionDays, refusal

# The least that an object in Glacier is paid for (S3 pricing).
_GLACIER_DAYS: Final = 90
_READ_DAYS: Final = timing.DAYS_THAT_OBJECTS_ARE_READ


class RetentionSettings(AnsweringSettings):
    """Days of retention. 0 is for ever, as the document has it; else nothing ends while something may need it."""

    keep_versions: bool = False
    """Keep earlier versions of records beside them, in a table of their own; false replaces them."""

    record_retention_days: Annotated[int, Field(ge=0, le=36_500)] = 0
    """Days after it was first captured until a record, and what is counted of its day, is deleted. 0 keeps all."""

    raw_archive_days: Annotated[int, Field(ge=0, le=36_500)] = 0
    """Days until raw objects move to Glacier, from where a rebuild must restore them first. 0 never moves them."""

    raw_retention_days: Annotated[int, Field(ge=0, le=36_500)] = 0
    """Days until raw objects are deleted, from which the table can be made anew until then. 0 keeps them."""

    log_retention_days: LogRetentionDays = 7
    """Days that the logs of this pipeline are kept; one of the numbers that CloudWatch Logs accepts."""

    @field_validator("raw_archive_days")
    @classmethod
    def _messages_end_before_the_archive(cls, value: int) -> int:
        if value and value <= _READ_DAYS:
            raise refusal(
                f"it must be 0, or more than the {_READ_DAYS} days that a message or a dead letter may ask for an "
                "object: Glacier cannot be read",
                _READ_DAYS + 1,
            )
        return value

    @field_validator("raw_retention_days")
    @classmethod
    def _raw_objects_outlive_what_reads_them(cls, value: int, info: ValidationInfo) -> int:
        archive, records = info.data.get("raw_archive_days"), info.data.get("record_retention_days")
        if not value or archive is None or records is None:
            return value
        if not records:
            raise refusal(
                "it must be 0 while baler:lakeRecordRetentionDays is 0: a record names the raw object that it came "
                "from, and has a large document there alone",
                0,
            )
        least = max(_READ_DAYS + 1, records + 1, archive + _GLACIER_DAYS if archive else 0)
        if value < least:
            archived = f"; after baler:lakeRawArchiveDays {archive} Glacier is paid for {_GLACIER_DAYS} more"
            raise refusal(
                f"it must be 0 or at least {least}: a message or a dead letter may ask for an object for {_READ_DAYS} "
                f"days, a record for baler:lakeRecordRetentionDays {records}{archived if archive else ''}",
                least,
            )
        return value
