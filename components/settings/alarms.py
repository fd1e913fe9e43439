"""Who is told when something is wrong, and what counts as wrong where the pipeline's own numbers do not say it."""

from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator

from components.settings.alarm_types import SUBSCRIBER_EXAMPLE, Subscribers
from components.settings.model import SettingsModel
from components.settings.types import refusal


class AlarmSettings(SettingsModel):
    """Subscribers of the alarms, and the load, delay and cost that are expected."""

    alarm_subscriptions: Annotated[Subscribers, Field(examples=[SUBSCRIBER_EXAMPLE])] = ()
    """Who is told of every alarm: e-mail addresses, https:// addresses or ARNs of SQS queues. Empty tells nobody."""

    page_subscriptions: Annotated[Subscribers, Field(examples=[SUBSCRIBER_EXAMPLE])] = ()
    """Who is told only of pipeline-unhealthy, which cannot wait until morning: written like alarmSubscriptions."""

    expected_files_per_second: Annotated[int, Field(ge=1, le=10_000)] = 10
    """Files per second that are normal: an hour's worth that waits, or 10 times as many for 5 minutes, is alarming."""

    mailbox_wait_seconds: Annotated[int, Field(ge=10, le=86_400)] = 900
    """Longest that a bundle may wait in the mailbox, in seconds, before the consumer counts as down."""

    silence_minutes: Annotated[int, Field(ge=0, le=1440)] = 0
    """Minutes without a file after which the external party counts as silent. 0 takes any silence for granted."""

    monthly_budget_dollars: Annotated[int, Field(ge=0, le=1_000_000)] = 500
    """Dollars a month of the whole account at whose 80% AWS Budgets warns. 0 makes no budget."""

    @field_validator("alarm_subscriptions", "page_subscriptions")
    @classmethod
    def _somebody_hears_of_data_in_danger(cls, value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        if not value and info.data.get("protect_data"):
            who = "is told of alarms" if info.field_name == "alarm_subscriptions" else "is called at night"
            raise refusal(f"baler:protectData is true, and nobody {who}", SUBSCRIBER_EXAMPLE)
        return value
