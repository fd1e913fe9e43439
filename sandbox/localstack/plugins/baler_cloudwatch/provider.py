"""LocalStack's CloudWatch with our samples, statistics and evaluation of alarms; the rest of it is LocalStack's."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from localstack.aws.api import handler
from localstack.aws.api.cloudwatch import InvalidParameterCombinationException, InvalidParameterValueException
from localstack.services.cloudwatch import provider_v2

from baler_cloudwatch.database import Database
from baler_cloudwatch.evaluation import metric_of
from baler_cloudwatch.formula import Formula, FormulaError
from baler_cloudwatch.samples import STORE, is_statistic
from baler_cloudwatch.watch import AlarmWatch

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from localstack.aws.api import RequestContext

_MINUTE = 60
_MOST_POINTS = 1440


class LiveCloudwatchProvider(provider_v2.CloudwatchProvider):
    """CloudWatch."""

    def __init__(self) -> None:
        super().__init__()
        self.cloudwatch_database = Database(STORE)

    def on_after_state_reset(self) -> None:
        """Begin with nothing."""
        self.start_alarm_scheduler()

    def start_alarm_scheduler(self) -> None:
        """Evaluate alarms from now on."""
        if not self.alarm_scheduler:
            self.alarm_scheduler = AlarmWatch(self)
            self.alarm_scheduler.start()

    @handler("PutMetricAlarm", expand=False)
    def put_metric_alarm(self, context: RequestContext, request: Mapping[str, Any]) -> None:
        """Take an alarm if it can be evaluated.

        Raises:
            ValidationException: a formula or a statistic is one that the sandbox does not know.
        """
        for query in request.get("Metrics") or ():
            # The band of an anomaly is no formula: alarms on one have no data point here.
            if "Expression" in query and "ThresholdMetricId" not in request:
                _formula(query["Expression"])
            _require_statistic(query.get("MetricStat", {}).get("Stat"))
        _require_statistic(request.get("ExtendedStatistic"))
        if not request.get("Metrics") and "Period" not in request:
            raise provider_v2.ValidationException("Period must not be null")
        super().put_metric_alarm(context, request)

    def describe_alarms(
        self,
        context: RequestContext,
        *,
        alarm_names: Sequence[str] | None = None,
        alarm_name_prefix: str | None = None,
        alarm_types: Sequence[str] | None = None,
        state_value: str | None = None,
        **_: Any,
    ) -> dict[str, Any]:
        """Return the alarms that all of what is asked for fits; those over others only where they are asked for."""
        found = super().describe_alarms(context, alarm_names=alarm_names, alarm_name_prefix=alarm_name_prefix)
        kinds = alarm_types or ["MetricAlarm"]
        return {
            f"{kind}s": [
                alarm for alarm in found[f"{kind}s"] if kind in kinds and state_value in {None, alarm["StateValue"]}
            ]
            for kind in ("MetricAlarm", "CompositeAlarm")
        }

    def get_metric_data(  # noqa: PLR0913, PLR0917 - LocalStack's signature
        self,
        context: RequestContext,
        metric_data_queries: Sequence[Mapping[str, Any]],
        start_time: datetime,
        end_time: datetime,
        next_token: str | None = None,  # noqa: ARG002 - there is one page
        scan_by: str | None = None,
        max_datapoints: int | None = None,  # noqa: ARG002 - see above
        label_options: Mapping[str, Any] | None = None,  # noqa: ARG002 - labels have no times
        **_: Any,
    ) -> dict[str, Any]:
        """Return the data points of metrics, and of formulas over them.

        Raises:
            ValidationException: a statistic or a formula is one that the sandbox does not know.
        """
        queried = [query for query in metric_data_queries if "MetricStat" in query]
        points: dict[str, dict[int, float]] = {}
        for query in queried:
            stat = query["MetricStat"]
            _require_statistic(stat["Stat"])
            starts = _starts(start_time, end_time, stat["Period"])
            metric = metric_of(stat["Metric"], context.account_id, context.region)
            found = STORE.points(metric, stat["Stat"], stat["Period"], starts)
            points[query["Id"]] = {at: value for at, value in zip(starts, found, strict=True) if value is not None}
        for query in metric_data_queries:
            if "Expression" in query:
                points[query["Id"]] = _computed(_formula(query["Expression"]), points)
        newest_first = scan_by != "TimestampAscending"
        return {
            "MetricDataResults": [
                _result(query, points[query["Id"]], newest_first=newest_first)
                for query in metric_data_queries
                if query.get("ReturnData", True)
            ],
            "Messages": [],
        }

    def get_metric_statistics(  # noqa: PLR0913, PLR0917 - LocalStack's signature
        self,
        context: RequestContext,
        namespace: str,
        metric_name: str,
        start_time: datetime,
        end_time: datetime,
        period: int,
        dimensions: Sequence[Mapping[str, str]] | None = None,
        statistics: Sequence[str] | None = None,
        extended_statistics: Sequence[str] | None = None,
        unit: str | None = None,
        **_: Any,
    ) -> dict[str, Any]:
        """Return statistics of a metric.

        Raises:
            InvalidParameterValueException: it ends before it starts.
            InvalidParameterCombinationException: there would be more than 1,440 data points.
            ValidationException: a statistic is one that the sandbox does not know.
        """
        if start_time >= end_time:
            raise InvalidParameterValueException("The parameter StartTime must be less than the parameter EndTime.")
        starts = _starts(start_time, end_time, period)
        if len(starts) > _MOST_POINTS:
            raise InvalidParameterCombinationException(
                f"You have requested up to {len(starts)} datapoints, which exceeds the limit of {_MOST_POINTS}. You may"
                " reduce the datapoints requested by increasing Period, or decreasing the time range."
            )
        asked = {"Namespace": namespace, "MetricName": metric_name, "Dimensions": dimensions}
        metric = metric_of(asked, context.account_id, context.region)
        of_metric = STORE.unit(metric)
        found: dict[int, dict[str, Any]] = {}
        for statistic in (*(statistics or ()), *(extended_statistics or ())):
            _require_statistic(statistic)
            for at, value in zip(starts, STORE.points(metric, statistic, period, starts), strict=True):
                if value is None or unit not in {None, of_metric}:
                    continue
                point = found.setdefault(at, {"Timestamp": datetime.fromtimestamp(at, UTC), "Unit": of_metric})
                if statistic.startswith("p"):
                    point.setdefault("ExtendedStatistics", {})[statistic] = value
                else:
                    point[statistic] = value
        return {"Datapoints": list(found.values()), "Label": metric_name}


def _formula(expression: str) -> Formula:
    try:
        return Formula(expression)
    except FormulaError as error:
        raise provider_v2.ValidationException(str(error)) from error


def _require_statistic(name: str | None) -> None:
    if name is not None and not is_statistic(name):
        raise provider_v2.ValidationException(f"the sandbox knows no statistic {name}")


def _starts(start: datetime, end: datetime, period: int) -> list[int]:
    """Return when the periods of a request start: its own start, rounded down (API reference, GetMetricData)."""
    whole = min(period, _MINUTE)
    first = int(start.timestamp()) // whole * whole
    return list(range(first, int(end.timestamp()), period))


def _computed(formula: Formula, points: Mapping[str, Mapping[int, float]]) -> dict[int, float]:
    unknown = formula.names - points.keys()
    if unknown:
        raise provider_v2.ValidationException(f"The expression names {', '.join(sorted(unknown))}, which is no query.")
    times = sorted({at for name in formula.names for at in points[name]})
    values = formula.values({name: [points[name].get(at) for at in times] for name in formula.names})
    return {at: value for at, value in zip(times, values, strict=True) if value is not None}


def _result(query: Mapping[str, Any], points: Mapping[int, float], *, newest_first: bool) -> dict[str, Any]:
    times = sorted(points, reverse=newest_first)
    named = query.get("MetricStat", {}).get("Metric", {}).get("MetricName", query["Id"])
    return {
        "Id": query["Id"],
        "Label": query.get("Label") or named,
        "StatusCode": "Complete",
        "Timestamps": [datetime.fromtimestamp(at, UTC) for at in times],
        "Values": [points[at] for at in times],
    }
