"""How the courier sends: how long, how many, how often again, and when it leaves off."""

from typing import Annotated, Any

from pydantic import Field, ValidationInfo, field_validator

from components.files import timing
from components.files.delivery_settings import PUSHED, belongs_to
from components.settings.model import PipelineSettings
from components.settings.types import refusal


class CourierSettings(PipelineSettings):
    """The courier of deliveries http and s3."""

    send_timeout_seconds: Annotated[int, Field(ge=1, le=60)] = 30
    """Longest that a bundle is being sent, in seconds, answer included; one more try must meet the 3 minutes."""

    failures_to_open: Annotated[int, Field(ge=2, le=100)] = 3
    """Failures in a row after which probes alone are sent; at least 2, so that one failure is tried again at once."""

    probe_interval_seconds: Annotated[int, Field(ge=5, le=60)] = 30
    """Least time from one probe of a receiver that is down to the next, in seconds."""

    parallel_sends: Annotated[int, Field(ge=1, le=16)] = 4
    """Most bundles that are being sent at the same time; a receiver that is busy gets fewer."""

    refusal_tries: Annotated[int, Field(ge=1, le=100)] = 3
    """Refusals of one bundle, while others pass, after which it is set aside."""

    credentials_grace_minutes: Annotated[int, Field(ge=1, le=60)] = 5
    """Minutes after a new version of the secret in which the one before is tried too."""

    credentials_max_age_days: Annotated[int, Field(ge=1, le=3650)] = 90
    """Days after which the receiver's credentials should have been renewed: an alarm says so."""

    receipt_retention_days: Annotated[int, Field(ge=30, le=36_500)] = 2555
    """Days that receipts of deliveries are kept, for as long as auditors look."""

    courier_memory_megabytes: Annotated[int, Field(ge=128, le=10_240)] = 512
    """Memory of the courier; its share of the processor grows with it."""

    @property
    def credentials_grace_seconds(self) -> int:
        """How long the version before a new one of the secret is tried too."""
        return self.credentials_grace_minutes * timing.SECONDS_PER_MINUTE

    @property
    def receipt_lifetime_seconds(self) -> int:
        """How long a receipt lasts."""
        return self.receipt_retention_days * timing.SECONDS_PER_DAY

    @field_validator(
        "send_timeout_seconds",
        "failures_to_open",
        "probe_interval_seconds",
        "parallel_sends",
        "refusal_tries",
        "credentials_grace_minutes",
        "credentials_max_age_days",
        "receipt_retention_days",
        "courier_memory_megabytes",
    )
    @classmethod
    def _only_a_courier_has_it(cls, value: Any, info: ValidationInfo) -> Any:
        belongs_to(cls, value, info, PUSHED)
        return value

    @field_validator("send_timeout_seconds")
    @classmethod
    def _one_more_send_meets_the_objective(cls, value: int, info: ValidationInfo) -> int:
        window, function = info.data.get("batching_window_seconds"), info.data.get("function_timeout_seconds")
        if info.data.get("delivery") not in PUSHED or window is None or function is None:
            return value
        longest = timing.longest_send_timeout_seconds(function_timeout=function, batching_window=window)
        if value > longest:
            took = timing.acknowledged_after_one_resend_seconds(
                function_timeout=function, batching_window=window, send_timeout=value
            )
            raise refusal(
                f"it must be at most {longest} with baler:filesBatchingWindowSeconds {window} and "
                f"baler:filesFunctionTimeoutSeconds {function}: a bundle whose first send times out would be "
                f"acknowledged after up to {took} seconds, and the objective is {timing.DELIVERY_OBJECTIVE_SECONDS}",
                longest,
            )
        return value
