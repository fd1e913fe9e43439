"""What becomes of a stack's data and who looks after it, and so how careful the stack has to be."""

from typing import Annotated

from pydantic import Field

from components.blocks.table import TableKey
from components.settings.model import SettingsModel
from components.settings.secret import CAN_BE_SECRET
from components.settings.types import PRINCIPAL_EXAMPLE, OperatorArns


class DataSettings(SettingsModel):
    """Whether data may be lost, and who may see it; other settings are refused by what is said here."""

    keep_data_on_destroy: bool = True
    """Refuse to destroy a bucket that still holds objects; false deletes them with it."""

    protect_data: bool = False
    """Refuse to delete or replace what holds, guards or feeds the data; asks for alarm subscriptions."""

    table_key: TableKey = "aws-owned"
    """Key that encrypts tables: aws-owned costs nothing; aws-managed is the account's, each use of it recorded."""

    access_log_days: Annotated[int, Field(ge=0, le=3650)] = 365
    """Days that it is recorded who read or changed objects, where protectData is on. 0 records nothing."""

    operator_principal_arns: Annotated[OperatorArns, CAN_BE_SECRET, Field(examples=[PRINCIPAL_EXAMPLE])] = ()
    """Who may look into the buckets, replay and repair: ARNs of people's roles or users. Empty lets nobody."""

    @property
    def records_access(self) -> bool:
        """Whether it is recorded who reads or changes objects."""
        return self.protect_data and self.access_log_days > 0
