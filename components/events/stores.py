"""What holds the pipeline's data: the stream, five buckets, two tables, the catalogue, and the queues between them."""

from collections.abc import Mapping, Sequence

import pulumi

from baler.events.retries import SOONER_RETRIES_SECONDS
from components.blocks.function_role import grant_trace
from components.blocks.naming import resource_name
from components.blocks.object_queue import ObjectQueue, ObjectQueueArgs
from components.blocks.policy_document import Statement
from components.blocks.queue import QueueArgs
from components.events import timing
from components.events.batch_table import BatchTable
from components.events.catalogue import TABLE, Catalogue, CatalogueArgs
from components.events.compacted_bucket import CompactedBucket
from components.events.event_stream import EventStream, EventStreamArgs
from components.events.failure_bucket import FailureBucket
from components.events.processed_bucket import ProcessedBucket
from components.events.progress_table import ProgressTable
from components.events.raw_bucket import RawBucket, RawBucketArgs
from components.events.result_bucket import ResultBucket
from components.events.settings import EventsSettings
from components.events.stream_key import StreamKey
from components.pipeline import Stack


class Stores:
    """The pipeline's stores and queues. Raw and processed bucket announce each object to a queue."""

    def __init__(self, pipeline: str, stack: Stack, settings: EventsSettings) -> None:
        self._pipeline, self._stack, self._settings = pipeline, stack, settings
        keep, protected = stack.settings.keep_data_on_destroy, stack.protected
        self.key = StreamKey(self._name("stream"), region=stack.region, account=stack.account, opts=protected)
        self.stream = EventStream(
            self._name("stream"),
            EventStreamArgs(
                mode=settings.stream_mode,
                shards=settings.shards,
                retention_hours=settings.retention_hours,
                key=self.key,
            ),
            protected,
        )
        self.raw = RawBucket(
            self._name("raw"),
            RawBucketArgs(
                keep_on_destroy=keep,
                glacier_days=settings.raw_glacier_days,
                raw_days=settings.raw_days,
                rejected_days=settings.rejected_days,
            ),
            protected,
        )
        self.processed = ProcessedBucket(
            self._name("processed"), keep_on_destroy=keep, days=settings.processed_days, opts=protected
        )
        self.compacted = CompactedBucket(self._name("compacted"), keep_on_destroy=keep, opts=protected)
        self.failures = FailureBucket(
            self._name("failures"), keep_on_destroy=keep, days=settings.failure_days, opts=protected
        )
        self.results = ResultBucket(self._name("results"), keep_on_destroy=keep, opts=protected)
        deletion_protection, table_key = stack.settings.protect_data, stack.settings.table_key
        self.progress = ProgressTable(
            self._name("progress"), deletion_protection=deletion_protection, key=table_key, opts=protected
        )
        self.batches = BatchTable(
            self._name("batches"), deletion_protection=deletion_protection, key=table_key, opts=protected
        )
        self.catalogue = Catalogue(
            self._name("catalogue"),
            CatalogueArgs(
                region=stack.region,
                account=stack.account,
                # Glue's names have no hyphens.
                database=f"baler_{stack.name.replace('-', '_')}_{pipeline}",
                processed=self.processed,
                results=self.results,
                query_gigabytes=settings.query_gigabytes,
            ),
            protected,
        )
        self.transform = self._queue("transform", "RawObjects", self.raw.arn, settings.transform_visibility_seconds)
        self.compaction = self._queue(
            "compaction",
            "ProcessedObjects",
            self.processed.arn,
            settings.compaction_visibility_seconds,
            sooner_receives=len(SOONER_RETRIES_SECONDS),
        )
        self.raw.notify(self.transform)
        self.processed.notify(self.compaction)

    def _name(self, part: str) -> str:
        return resource_name(self._pipeline, part)

    def _queue(
        self,
        part: str,
        what: str,
        bucket_arn: pulumi.Output[str],
        visibility_timeout_seconds: int,
        *,
        sooner_receives: int = 0,
    ) -> ObjectQueue:
        settings = self._settings
        return ObjectQueue(
            self._name(part),
            ObjectQueueArgs(
                source_bucket_arn=bucket_arn,
                source_account=self._stack.account,
                what=what,
                queue=QueueArgs(
                    dead_letter_name=self._name(f"{part}-dead-letters"),
                    visibility_timeout_seconds=visibility_timeout_seconds,
                    retention_days=settings.queue_retention_days,
                    dead_letter_retention_days=settings.dead_letter_retention_days,
                    max_receive_count=timing.receives_of_an_outage(
                        visibility_timeout=visibility_timeout_seconds, sooner=sooner_receives
                    ),
                ),
            ),
            self._stack.protected,
        )

    def calls(self) -> Mapping[str, Sequence[Statement]]:
        """Return what the pipeline's functions do with them, by service, and the traces that they send.

        Not what Lambda does in their name, from outside the network: read stream and queues, set aside what it gave up.
        Nor what is part of another's: the roles tell the functions apart.
        """
        return {
            "s3": [
                *self.raw.grant_write(),
                *self.raw.grant_read(),
                *self.raw.grant_sweep(),
                *self.processed.grant_write(),
                *self.processed.grant_read(),
                *self.processed.grant_list(),
                *self.compacted.grant_keep_table(),
                *self.failures.grant_read(),
            ],
            "dynamodb": [
                *self.progress.grant_commit(),
                *self.progress.grant_search(),
                *self.batches.grant_report(),
            ],
            "sqs": [
                *self.transform.grant_retry(),
                *self.transform.grant_announce(),
                *self.transform.grant_reject(),
                *self.compaction.grant_retry(),
                *self.compaction.grant_reject(),
            ],
            "kinesis-streams": self.stream.grant_read(),
            "glue": self.catalogue.grant_keep_table(),
            "xray": grant_trace(),
        }

    def outputs(self) -> Mapping[str, pulumi.Input[str]]:
        """Return their names."""
        return {
            "stream": self.stream.name,
            "streamArn": self.stream.arn,
            "rawBucket": self.raw.bucket,
            "processedBucket": self.processed.bucket,
            "compactedBucket": self.compacted.bucket,
            "failureBucket": self.failures.bucket,
            "resultBucket": self.results.bucket,
            "transformQueueUrl": self.transform.url,
            "transformDeadLetterQueueUrl": self.transform.dead_letter_url,
            "compactionQueueUrl": self.compaction.url,
            "compactionDeadLetterQueueUrl": self.compaction.dead_letter_url,
            "progressTable": self.progress.table,
            "batchTable": self.batches.table,
            "database": self.catalogue.database,
            "table": TABLE,
            "workgroup": self.catalogue.workgroup,
        }
