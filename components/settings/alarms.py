"""Who is told when something is wrong, and what the account may cost."""

from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator

from components.settings.alarm_types import SUBSCRIBER_EXAMPLE, Subscribers
from components.settings.model import SettingsModel
from components.settings.secret import CAN_BE_SECRET
from components.settings.types import refusal


class AlarmSettings(SettingsModel):
    """Subscribers of the alarms, and the cost that is expected."""

    alarm_subscriptions: Annotated[Subscribers, CAN_BE_SECRET, Field(examples=[SUBSCRIBER_EXAMPLE])] = ()
    """Who is told of every alarm: e-mail addresses, https:// addresses or ARNs of SQS queues. Empty tells nobody."""

    page_subscriptions: Annotated[Subscribers, CAN_BE_SECRET, Field(examples=[SUBSCRIBER_EXAMPLE])] = ()
    """Who is told only of pipeline-unhealthy, which cannot wait until morning: written like alarmSubscriptions."""

    monthly_budget_dollars: Annotated[int, Field(ge=0, le=1_000_000)] = 500
    """Dollars a month of the whole account at whose 80% AWS Budgets warns. 0 makes no budget."""

    @field_validator("alarm_subscriptions", "page_subscriptions")
    @classmethod
    def _somebody_hears_of_data_in_danger(cls, value: tuple[str, ...], info: ValidationInfo) -> tuple[str, ...]:
        if not value and info.data.get("protect_data"):
            who = "is told of alarms" if info.field_name == "alarm_subscriptions" else "is called at night"
            raise refusal(f"baler:protectData is true, and nobody {who}", SUBSCRIBER_EXAMPLE)
        return value
