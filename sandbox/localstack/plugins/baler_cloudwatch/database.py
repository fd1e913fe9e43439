"""The samples as LocalStack's provider takes and lists them."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from baler_cloudwatch.evaluation import metric_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from baler_cloudwatch.samples import Metric, MetricStore


class Database:
    """In place of LocalStack's, whose metrics are those of any set of dimensions that contains the one asked for."""

    def __init__(self, store: MetricStore) -> None:
        self._store = store

    def add_metric_data(
        self, account_id: str, region: str, namespace: str, metric_data: Iterable[Mapping[str, Any]]
    ) -> None:
        """Take what PutMetricData puts."""
        for datum in metric_data:
            metric = metric_of({**datum, "Namespace": namespace}, account_id, region)
            at = datum["Timestamp"].timestamp() if datum.get("Timestamp") else time.time()
            self._store.put(metric, at, _values(datum), datum.get("Unit"))

    def list_metrics(
        self,
        account_id: str,
        region: str,
        namespace: str | None,
        metric_name: str | None,
        dimensions: Sequence[Mapping[str, str]],
    ) -> dict[str, Any]:
        """Return the metrics that have all of these dimensions, and maybe more."""
        found = [
            metric
            for metric in self._store.metrics()
            if (metric.account, metric.region) == (account_id, region)
            and namespace in {None, metric.namespace}
            and metric_name in {None, metric.name}
            and all(_has(metric, wanted) for wanted in dimensions)
        ]
        return {
            "metrics": [
                {"namespace": each.namespace, "metric_name": each.name, "dimensions": _listed(each)} for each in found
            ]
        }

    def get_all_metric_data(self) -> list[dict[str, Any]]:
        """Return every sample, as LocalStack's own page lists them."""
        return [
            {
                "ns": metric.namespace,
                "n": metric.name,
                "v": value,
                "t": second,
                "d": _listed(metric),
                "account": metric.account,
                "region": metric.region,
            }
            for metric, second, value, count in self._store.samples()
            for _ in range(count)
        ]

    def clear_tables(self) -> None:
        """Forget everything."""
        self._store.clear()


def _values(datum: Mapping[str, Any]) -> dict[float, int]:
    if datum.get("Value") is not None:
        return {float(datum["Value"]): 1}
    if statistics := datum.get("StatisticValues"):
        # Nobody knows the samples: they are taken to lie as evenly as their sum, smallest and largest allow.
        return _spread(statistics)
    counts = datum.get("Counts") or [1] * len(datum.get("Values", ()))
    found: dict[float, int] = {}
    for value, count in zip(datum.get("Values", ()), counts, strict=True):
        found[float(value)] = found.get(float(value), 0) + int(count)
    return found


def _spread(statistics: Mapping[str, float]) -> dict[float, int]:
    count = int(statistics["SampleCount"])
    least, most = float(statistics["Minimum"]), float(statistics["Maximum"])
    found = {least: 1}
    if count > 1:
        found[most] = found.get(most, 0) + 1
    if count > 2:  # noqa: PLR2004 - those between the two
        middle = (float(statistics["Sum"]) - least - most) / (count - 2)
        found[middle] = found.get(middle, 0) + count - 2
    return found


def _has(metric: Metric, wanted: Mapping[str, str]) -> bool:
    return any(name == wanted["Name"] and wanted.get("Value") in {None, value} for name, value in metric.dimensions)


def _listed(metric: Metric) -> list[dict[str, str]]:
    return [{"Name": name, "Value": value} for name, value in sorted(metric.dimensions)]
