"""Where does it pile up? In the order of an event's way, from the raw object into the table."""

from typing import Final

from baler.events import metric_names
from components.events.dashboard.args import DashboardArgs
from components.watch.dashboard import Graph, of_own, of_own_by, of_queue

_WAITING: Final = "ApproximateNumberOfMessagesVisible"


def pile_graphs(args: DashboardArgs) -> list[Graph]:
    """Return what waits, and what was given up."""
    own = args.own
    queues = {"transform": args.transform, "compaction": args.compaction}
    return [
        Graph(
            title="Objects",
            metrics=[
                of_own(own, metric_names.OBJECTS, "Sum", "raw"),
                of_own(own, metric_names.PROCESSED, "Sum", "processed"),
                of_own(own, metric_names.NOT_YET, "Sum", "not yet: their batch is open"),
                of_own(own, metric_names.ORPHANS, "Sum", "orphans, skipped"),
                of_own(own, metric_names.SWEPT, "Sum", "orphans, removed"),
                of_own(own, metric_names.COMPACTED_FILES, "Sum", "in the table"),
            ],
        ),
        Graph(
            title="Queues (messages)",
            metrics=[of_queue(queue.name, _WAITING, "Maximum", called) for called, queue in queues.items()],
        ),
        Graph(
            title="Oldest in the queues (seconds)",
            metrics=[
                *(
                    of_queue(queue.name, "ApproximateAgeOfOldestMessage", "Maximum", called)
                    for called, queue in queues.items()
                ),
                of_own(own, metric_names.OLDEST_LEFT_AGE, "Maximum", "transform, failed just now"),
            ],
        ),
        Graph(
            title="Dead letters",
            metrics=[
                *(of_queue(queue.dead_letter_name, _WAITING, "Maximum", called) for called, queue in queues.items()),
                of_own_by(own, metric_names.REFUSED, metric_names.REASON),
            ],
        ),
        Graph(
            title="Table",
            metrics=[
                of_own(own, metric_names.COMPACTED, "Sum", "rows"),
                of_own(own, metric_names.REWRITTEN, "Sum", "hours made few files of"),
                of_own(own, metric_names.TABLE_CONFLICTS, "Sum", "commits made again"),
            ],
        ),
    ]
