"""Alarms about the HTTP API, as whoever calls it sees it."""

from typing import Final

import pulumi

from baler.lake import metric_names
from components.lake.alarms.function import ERROR_PERCENT
from components.watch.definition import FIVE_MINUTES, MINUTE, Above, Alarm, Formula, Metric, OwnMetrics

_SLOW_MILLISECONDS: Final = 1_000
# Of a minute: one that fails of a handful says nothing of the API.
_FEW: Final = 10


def api_alarms(own: OwnMetrics, api_id: pulumi.Input[str]) -> list[Alarm]:
    """Return the alarms of the API, given its id."""
    return [
        Alarm(
            name="api-5xx",
            metric=Formula(
                expression=f"IF(requests > {_FEW}, 100 * failed / requests, 0)",
                metrics={"failed": _of_api(api_id, "5xx"), "requests": _of_api(api_id, "Count")},
            ),
            when=Above(threshold=ERROR_PERCENT),
            breaching=2,
            periods=3,
            missing="notBreaching",
            means=f"More than {ERROR_PERCENT} % of the requests to the API are answered with 5xx; the gateway's too.",
            first="see whether lake-api-error-rate is on; alone, the gateway may not invoke the function.",
            runbook="lake-api",
            pages=True,
            rolls_back=True,
        ),
        Alarm(
            name="api-latency-p99",
            metric=own.metric(metric_names.API_LATENCY, "p99", FIVE_MINUTES),
            when=Above(threshold=_SLOW_MILLISECONDS),
            breaching=3,
            periods=3,
            missing="notBreaching",
            means=f"One request in a hundred takes more than {_SLOW_MILLISECONDS} ms in the function.",
            first="see in a trace of X-Ray which call is slow; large pages are: ask for fewer records.",
            runbook="lake-api",
            rolls_back=True,
        ),
    ]


def _of_api(api_id: pulumi.Input[str], name: str) -> Metric:
    """Return what API Gateway measures of an HTTP API.

    API Gateway developer guide, "Working with metrics for HTTP APIs": `4xx`, `5xx`, `Count`, by ApiId.
    """
    return Metric(
        namespace="AWS/ApiGateway",
        name=name,
        dimensions={"ApiId": api_id},
        statistic="Sum",
        period_seconds=MINUTE,
    )
