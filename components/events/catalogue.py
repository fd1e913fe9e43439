"""Where people find the events as tables, and by what they query them."""

from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from components.blocks.policy_document import Statement
from components.events.processed_bucket import ProcessedBucket
from components.events.processed_table import ProcessedTable
from components.events.result_bucket import ResultBucket

TABLE: Final = "events"
"""The table that the compactor makes and keeps (baler/events/table)."""

_GIGABYTE: Final = 10**9


@dataclass(frozen=True, kw_only=True)
class CatalogueArgs:
    """Where the catalogue is, what it shows, and how much a query may read."""

    region: pulumi.Input[str]
    account: pulumi.Input[str]
    database: str
    """Name of the database; letters, digits and underscores."""

    processed: ProcessedBucket
    results: ResultBucket
    query_gigabytes: int


class Catalogue(pulumi.ComponentResource):
    """A database with the table of processed objects, and a workgroup. The compactor puts its own table beside."""

    def __init__(self, name: str, args: CatalogueArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("baler:catalogue:Catalogue", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        database = aws.glue.CatalogDatabase(
            name, name=args.database, description="Events of the stream as tables.", opts=child
        )
        self.database: pulumi.Output[str] = database.name
        ProcessedTable(name, database=self.database, processed=args.processed, opts=child)
        workgroup = aws.athena.Workgroup(
            name,
            name=name,
            description="Queries of events, each of which may read so much and no more.",
            configuration=aws.athena.WorkgroupConfigurationArgs(
                # What a client says of limits, place and encryption counts for nothing.
                enforce_workgroup_configuration=True,
                bytes_scanned_cutoff_per_query=args.query_gigabytes * _GIGABYTE,
                publish_cloudwatch_metrics_enabled=True,
                result_configuration=aws.athena.WorkgroupConfigurationResultConfigurationArgs(
                    output_location=pulumi.Output.concat("s3://", args.results.bucket, "/"),
                    expected_bucket_owner=args.account,
                    encryption_configuration=(
                        aws.athena.WorkgroupConfigurationResultConfigurationEncryptionConfigurationArgs(
                            encryption_option="SSE_S3"
                        )
                    ),
                ),
            ),
            # Queries that were once asked are no reason to keep it.
            force_destroy=True,
            opts=child,
        )
        self.workgroup: pulumi.Output[str] = workgroup.name
        self._arns = [
            pulumi.Output.concat("arn:aws:glue:", args.region, ":", args.account, ":", path)
            for path in ("catalog", f"database/{args.database}", f"table/{args.database}/{TABLE}")
        ]
        self.register_outputs({"database": self.database, "workgroup": self.workgroup})

    def grant_keep_table(self) -> list[Statement]:
        """Make the table, and move it from snapshot to snapshot. Glue asks for the right to all that holds it too."""
        return [
            {
                "Sid": "KeepTable",
                "Effect": "Allow",
                "Action": ["glue:GetDatabase", "glue:GetTable", "glue:CreateTable", "glue:UpdateTable"],
                "Resource": self._arns,
            }
        ]
