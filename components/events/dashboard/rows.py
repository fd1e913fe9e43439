"""The rows, each a question and its answer."""

from baler.events.objectives import END_TO_END_SECONDS
from components.events.dashboard.args import DashboardArgs
from components.events.dashboard.cost import cost_graphs
from components.events.dashboard.health import health_graphs
from components.events.dashboard.lateness import lateness_graphs
from components.events.dashboard.piles import pile_graphs
from components.events.dashboard.traffic import traffic_graphs
from components.watch.dashboard import Row


def dashboard_rows(args: DashboardArgs) -> list[Row]:
    """Return the five rows."""
    return [
        Row(
            title="Is it healthy?",
            subtitle="Which alarms are on tells what it is: docs/runbooks/pipeline-unhealthy.md",
            graphs=health_graphs(args),
            begins_with_alarms=True,
        ),
        Row(title="What comes in?", subtitle="the stream, and each of its shards", graphs=traffic_graphs(args)),
        Row(
            title="How late is it?",
            subtitle=f"95% of events are processed {END_TO_END_SECONDS} s after they came",
            graphs=lateness_graphs(args),
        ),
        Row(title="Where does it pile up?", subtitle="in the order of an event's way", graphs=pile_graphs(args)),
        Row(
            title="What does it cost?",
            subtitle="what the bill grows with, and what would make it smaller; the bill itself takes hours",
            graphs=cost_graphs(args),
        ),
    ]
