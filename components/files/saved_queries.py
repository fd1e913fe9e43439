"""Questions to the aggregator's log, saved in CloudWatch Logs Insights under the function's name."""

from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws


@dataclass(frozen=True, kw_only=True)
class Query:
    """A question, as a runbook names it, and how Logs Insights is asked it."""

    name: str
    text: str


QUERIES: Final = (
    Query(
        name="rejected files",
        text=(
            "filter outcome = 'rejected'\n"
            "| stats count(*) as tries, max(@timestamp) as last by reason, key, version_id\n"
            "| sort last desc | limit 100"
        ),
    ),
    Query(
        name="retried by reason",
        text="filter outcome = 'retry' | stats count(*) as tries by bin(5m), reason | sort tries desc",
    ),
    Query(
        name="way of one file",
        text=(
            "fields @timestamp, message, outcome, reason, version_id, function_request_id, xray_trace_id\n"
            "| filter key = 'put the exact key here'\n"
            "| sort @timestamp asc | limit 100"
        ),
    ),
    Query(
        name="errors",
        text=(
            "fields @timestamp, @message\n"
            "| filter level = 'ERROR' or level = 'CRITICAL' or record.status in ['error', 'failure', 'timeout']\n"
            "| sort @timestamp desc | limit 50"
        ),
    ),
    Query(
        name="slow runs",
        text=(
            "filter type = 'platform.report'\n"
            "| fields @timestamp, record.requestId, record.metrics.durationMs, record.metrics.initDurationMs,"
            " record.metrics.maxMemoryUsedMB\n"
            "| sort record.metrics.durationMs desc | limit 50"
        ),
    ),
    Query(
        name="bundles",
        text=(
            "filter ispresent(bundle_id)\n"
            "| stats count(*) as bundles, sum(files) as files_in, avg(files) as files_a_bundle,"
            " sum(bytes_in) / sum(bytes_out) as compression by bin(5m)"
        ),
    ),
)


class SavedQueries(pulumi.ComponentResource):
    """A query definition for each question; CloudWatch shows them in a folder."""

    def __init__(self, name: str, log_group: pulumi.Input[str], opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("baler:saved_queries:SavedQueries", name, None, opts)
        for query in QUERIES:
            aws.cloudwatch.QueryDefinition(
                f"{name}-{query.name.replace(' ', '-')}",
                name=f"{name}/{query.name}",
                log_group_names=[log_group],
                query_string=query.text,
                opts=pulumi.ResourceOptions(parent=self),
            )
        self.register_outputs({})
