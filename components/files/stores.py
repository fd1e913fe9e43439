"""What holds the pipeline's data: three buckets, the claims, and the queue that announces files."""

from collections.abc import Mapping, Sequence

import pulumi

from components.blocks.function_role import grant_trace
from components.blocks.naming import resource_name
from components.blocks.policy_document import Statement
from components.blocks.queue import QueueArgs
from components.blocks.secure_bucket import ObjectLock
from components.files import capacity
from components.files.archive_bucket import ArchiveBucket, ArchiveBucketArgs
from components.files.claim_table import ClaimTable
from components.files.distribution_bucket import DistributionBucket
from components.files.ingest_queue import IngestQueue, IngestQueueArgs
from components.files.landing_bucket import LandingBucket, LandingBucketArgs
from components.files.settings import FilesSettings
from components.pipeline import Stack


class Stores:
    """The pipeline's stores and queues; the landing bucket announces files only once its policy is there."""

    def __init__(self, pipeline: str, stack: Stack, settings: FilesSettings) -> None:
        keep, protected = stack.settings.keep_data_on_destroy, stack.protected
        self.landing = LandingBucket(
            resource_name(pipeline, "landing"),
            LandingBucketArgs(
                keep_on_destroy=keep, lifecycle=settings.landing_lifecycle, prefixes=settings.landing_prefixes
            ),
            protected,
        )
        self.archive = ArchiveBucket(
            resource_name(pipeline, "archive"),
            ArchiveBucketArgs(
                keep_on_destroy=keep,
                transition_days=settings.archive_transition_days,
                transition_small_bundles=settings.transition_small_bundles,
                lock=ObjectLock(days=settings.archive_lock_days, mode=settings.archive_lock_mode)
                if settings.archive_lock_days
                else None,
            ),
            protected,
        )
        self.distribution = DistributionBucket(
            resource_name(pipeline, "distribution"), keep_on_destroy=keep, opts=protected
        )
        self.claims = ClaimTable(
            resource_name(pipeline, "claims"),
            deletion_protection=stack.settings.protect_data,
            key=stack.settings.table_key,
            warm_write_units=capacity.warm_write_units(settings.expected_per_second),
            opts=protected,
        )
        self.ingest = IngestQueue(
            resource_name(pipeline, "ingest"),
            IngestQueueArgs(
                source_bucket_arn=self.landing.arn,
                source_account=stack.account,
                prefixes=settings.landing_prefixes,
                queue=QueueArgs(
                    dead_letter_name=resource_name(pipeline, "dead-letters"),
                    visibility_timeout_seconds=settings.visibility_timeout_seconds,
                    retention_days=settings.queue_retention_days,
                    dead_letter_retention_days=settings.dead_letter_retention_days,
                    max_receive_count=settings.max_receive_count,
                ),
            ),
            protected,
        )

    def calls(self) -> Mapping[str, Sequence[Statement]]:
        """Return what the pipeline's functions do with them, by service, and the traces that they send."""
        return {
            "s3": [
                *self.landing.grant_read(),
                *self.archive.grant_archive(),
                *self.archive.grant_register(),
                *self.distribution.grant_deliver(),
                *self.distribution.grant_watch(),
                *self.landing.grant_list_versions(),
                *self.landing.grant_inspect(),
            ],
            "dynamodb": [*self.claims.grant_claim(), *self.claims.grant_read_many()],
            "sqs": [
                *self.ingest.grant_bring_forward(),
                *self.ingest.grant_reject(),
                *self.ingest.grant_announce(),
                *self.ingest.grant_inspect(),
            ],
            "xray": grant_trace(),
        }

    def outputs(self) -> Mapping[str, pulumi.Input[str]]:
        """Return their names."""
        return {
            "landingBucket": self.landing.bucket,
            "archiveBucket": self.archive.bucket,
            "distributionBucket": self.distribution.bucket,
            "ingestQueueUrl": self.ingest.url,
            # What counts the messages of all lanes; `ingestQueueUrl` is where people send. Text, as the stack's
            # parameter holds no list.
            **({"ingestQueueUrls": self.ingest.urls} if len(self.ingest.lanes) > 1 else {}),
            "deadLetterQueueUrl": self.ingest.dead_letter_url,
            "claimTable": self.claims.table,
        }
