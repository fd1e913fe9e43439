"""Is it healthy? The graphs beside the states of the alarms."""

from baler.events import metric_names
from components.events.dashboard.args import DashboardArgs, DrawnFunction
from components.watch.dashboard import Graph, GraphMetric, of_function, of_own, of_own_by


def health_graphs(args: DashboardArgs) -> list[Graph]:
    """Return what becomes of records, and what fails."""
    own = args.own
    return [
        Graph(
            title="Records",
            metrics=[
                of_own(own, metric_names.EVENTS, "Sum", "events"),
                of_own(own, metric_names.REJECTED, "Sum", "rejected"),
                of_own(own, metric_names.SET_ASIDE, "Sum", "killed the processor"),
                of_own(own, metric_names.DROPPED, "Sum", "committed before"),
                of_own(own, metric_names.RECOVERED, "Sum", "brought back"),
            ],
        ),
        Graph(title="Rejected, by reason", metrics=[of_own_by(own, metric_names.REJECTED, metric_names.REASON)]),
        Graph(
            title="Attempts that failed",
            metrics=[
                of_own(own, metric_names.UNCOMMITTED, "Sum", "batches that come again"),
                of_own(own, metric_names.UNAVAILABLE, "Sum", "for which a store did not answer"),
                of_own(own, metric_names.UNREPORTED, "Sum", "in no report"),
            ],
        ),
        Graph(
            title="Runs that succeed (percent)",
            metrics=[line for each in args.functions for line in _success(each)],
        ),
        Graph(
            title="Errors and throttles",
            metrics=[
                of_function(each.function, name, "Sum", label=f"{each.called}: {name.lower()}")
                for name in ("Errors", "Throttles")
                for each in args.functions
            ],
        ),
    ]


def _success(drawn: DrawnFunction) -> list[GraphMetric]:
    runs, failed = f"{drawn.called}runs", f"{drawn.called}failed"
    return [
        [{"expression": f"100 - 100 * {failed} / {runs}", "label": drawn.called}],
        of_function(drawn.function, "Invocations", "Sum", id=runs, visible=False),
        of_function(drawn.function, "Errors", "Sum", id=failed, visible=False),
    ]
