"""What becomes of a stack's data, and so how careful the stack has to be."""

from components.settings_model import SettingsModel


class DataSettings(SettingsModel):
    """Whether data may be lost; other settings are refused by what is said here."""

    keep_data_on_destroy: bool = True
    """Refuse to destroy a bucket that still holds objects; false deletes them with it."""

    protect_data: bool = False
    """Let Pulumi refuse to delete or replace the buckets and the claim table. Asks for alarms that reach somebody."""
