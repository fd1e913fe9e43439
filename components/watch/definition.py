"""What an alarm is: what it watches, when it is on, and what it tells whoever reads it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final, Literal

import pulumi

MINUTE: Final = 60
FIVE_MINUTES: Final = 300

MissingData = Literal["breaching", "notBreaching", "ignore"]
"""What a period without data counts as. CloudWatch's fourth way, "missing", would be a third state to explain."""

_LONGEST_DESCRIPTION: Final = 1024


@dataclass(frozen=True, kw_only=True)
class Metric:
    """A number that CloudWatch has for each period."""

    namespace: str
    name: str
    dimensions: Mapping[str, pulumi.Input[str]]
    statistic: str
    """One of CloudWatch's own, "Maximum" for example, or a percentile, "p99.9" for example."""

    period_seconds: int = MINUTE


@dataclass(frozen=True, kw_only=True)
class Formula:
    """A number that CloudWatch computes for each period of metrics that all have one."""

    expression: str
    """In CloudWatch's language of metric math, over the names in `metrics`."""

    metrics: Mapping[str, Metric]
    """By the names that the expression has for them: a small letter, then letters and digits."""


@dataclass(frozen=True, kw_only=True)
class OwnMetrics:
    """The metrics that a pipeline publishes itself: in one namespace, told apart by what they are about."""

    namespace: str
    dimensions: Mapping[str, str]
    """What all of them have: the stack."""

    def metric(self, name: str, statistic: str, period_seconds: int = MINUTE) -> Metric:
        """Return one of them."""
        return Metric(
            namespace=self.namespace,
            name=name,
            dimensions=self.dimensions,
            statistic=statistic,
            period_seconds=period_seconds,
        )


@dataclass(frozen=True, kw_only=True)
class Above:
    """On when the metric is above a number."""

    threshold: float


@dataclass(frozen=True, kw_only=True)
class Below:
    """On when the metric is below a number."""

    threshold: float


@dataclass(frozen=True, kw_only=True)
class Unusual:
    """On when the metric is above what it usually is at this hour and day, as CloudWatch learns it over two weeks."""

    deviations: int
    """How wide the band of the usual is, in standard deviations."""


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """An alarm: on when `breaching` of the last `periods` periods are as `when` says."""

    name: str
    """What follows `baler-<stack>-<pipeline>-`."""

    metric: Metric | Formula
    when: Above | Below | Unusual
    breaching: int
    periods: int
    missing: MissingData
    means: str
    """A sentence: what is the matter when it is on."""

    first: str
    """A sentence: what to do first."""

    runbook: str
    """The page in docs/runbooks, without its ending."""

    pages: bool = False
    """Whether it cannot wait until morning."""

    rolls_back: bool = False
    """Whether it takes back a version of the function that is being rolled out."""

    @property
    def description(self) -> str:
        """What a notification says, within the length that CloudWatch takes."""
        return describe(self.means, self.first, self.runbook)


def describe(means: str, first: str, runbook: str) -> str:
    """Return the description of an alarm.

    Raises:
        ValueError: it is longer than CloudWatch takes (API reference, PutMetricAlarm).
    """
    text = f"{means} First: {first} Runbook: docs/runbooks/{runbook}.md"
    if len(text) > _LONGEST_DESCRIPTION:
        raise ValueError(f"the description of an alarm has more than {_LONGEST_DESCRIPTION} characters: {text}")
    return text
