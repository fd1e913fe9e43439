"""The transformer: what it has to work with, and the limits between the classes that it makes."""

from itertools import pairwise
from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator

from components.events import timing
from components.events.processor_settings import ProcessorSettings
from components.settings.types import refusal

_MOST = 1_000_000_000

_Limit = Annotated[int, Field(ge=-_MOST, le=_MOST)]
_Positive = Annotated[int, Field(ge=1, le=_MOST)]

_SERIES = (
    ("small_amount_from", "medium_amount_from", "large_amount_from"),
    ("medium_session_from", "long_session_from"),
    ("normal_value_from", "normal_value_to"),
    ("expected_value_from", "expected_value_to"),
)
"""Limits that must rise, each series by itself (`Thresholds` in baler/events/transformation.py)."""


class TransformerSettings(ProcessorSettings):
    """What the transformer runs on, and its thresholds: units are those of the field that is compared."""

    transformer_memory_megabytes: Annotated[int, Field(ge=128, le=10_240)] = 512
    """Memory of the transformer; its share of a CPU grows with it."""

    transformer_timeout_seconds: Annotated[int, Field(ge=15, le=900)] = 60
    """Longest run of the transformer, in seconds."""

    transformer_concurrency: Annotated[int, Field(ge=2, le=1000)] = 20
    """Most invocations of the transformer that its queue starts at the same time."""

    small_amount_from: _Positive = 10
    """Amount of a transaction from which it is small; below it is micro, refunds included."""

    medium_amount_from: _Positive = 100
    """Amount of a transaction from which it is medium."""

    large_amount_from: _Positive = 1000
    """Amount of a transaction from which it is large."""

    high_value_above: _Positive = 1000
    """Amount above which a transaction is of high value; this amount itself is not."""

    medium_session_from: _Positive = 60
    """Seconds from which a session is medium; below it is short."""

    long_session_from: _Positive = 600
    """Seconds from which a session is long."""

    normal_value_from: _Positive = 20
    """Value of a metric from which it is normal; below it is low, and below 0 negative."""

    normal_value_to: _Positive = 80
    """Value of a metric above which it is high."""

    expected_value_from: _Limit = 0
    """Value of a metric below which it is an anomaly."""

    expected_value_to: _Limit = 100
    """Value of a metric above which it is an anomaly."""

    @property
    def thresholds(self) -> dict[str, int]:
        """The limits by the names that the transformer reads (`Thresholds` in baler/events/transformation.py)."""
        return {
            "small_from": self.small_amount_from,
            "medium_from": self.medium_amount_from,
            "large_from": self.large_amount_from,
            "high_value_above": self.high_value_above,
            "medium_session_from": self.medium_session_from,
            "long_session_from": self.long_session_from,
            "normal_from": self.normal_value_from,
            "normal_to": self.normal_value_to,
            "expected_from": self.expected_value_from,
            "expected_to": self.expected_value_to,
        }

    @property
    def transform_visibility_seconds(self) -> int:
        """How long the transformer's queue hides a message that it received."""
        return timing.visibility_timeout_seconds(function_timeout=self.transformer_timeout_seconds)

    @field_validator(*(name for series in _SERIES for name in series[1:]))
    @classmethod
    def _limits_rise(cls, value: int, info: ValidationInfo) -> int:
        before = next(low for series in _SERIES for low, high in pairwise(series) if high == info.field_name)
        if (low := info.data.get(before)) is not None and value <= low:
            key = cls.model_fields[before].alias
            raise refusal(f"it must be more than baler:{key}, which is {low}: limits of one series rise", low + 1)
        return value
