"""What holds the pipeline's data: the raw bucket, the tables, the secrets of sources, and the queue to curation."""

from collections.abc import Mapping
from typing import Any

import pulumi

from components.blocks.naming import resource_name
from components.blocks.object_queue import ObjectQueue, ObjectQueueArgs
from components.blocks.queue import QueueArgs
from components.lake import timing
from components.lake.counter_table import CounterTable
from components.lake.raw_bucket import RawBucket, RawBucketArgs
from components.lake.record_table import RecordTable, VersionTable
from components.lake.settings import LakeSettings
from components.lake.source_secrets import SourceSecrets
from components.lake.source_table import SourceTable
from components.pipeline import Stack


class Stores:
    """The pipeline's stores and its queue, to which the raw bucket announces each object."""

    def __init__(self, pipeline: str, stack: Stack, settings: LakeSettings) -> None:
        self._pipeline = pipeline
        protected = stack.protected
        deletion_protection, key = stack.settings.protect_data, stack.settings.table_key
        self.raw = RawBucket(
            self._name("raw"),
            RawBucketArgs(
                keep_on_destroy=stack.settings.keep_data_on_destroy,
                archive_days=settings.raw_archive_days,
                retention_days=settings.raw_retention_days,
            ),
            protected,
        )
        self.records = RecordTable(
            self._name("records"), deletion_protection=deletion_protection, key=key, opts=protected
        )
        self.counters = CounterTable(
            self._name("counters"), deletion_protection=deletion_protection, key=key, opts=protected
        )
        self.sources = SourceTable(
            self._name("sources"), deletion_protection=deletion_protection, key=key, opts=protected
        )
        self.versions = (
            VersionTable(self._name("versions"), deletion_protection=deletion_protection, key=key, opts=protected)
            if settings.keep_versions
            else None
        )
        self.secrets = SourceSecrets(self._name("source"), settings.declared.sources, protected)
        self.queue = ObjectQueue(
            self._name("curation"),
            ObjectQueueArgs(
                source_bucket_arn=self.raw.arn,
                source_account=stack.account,
                what="RawObjects",
                queue=QueueArgs(
                    dead_letter_name=self._name("curation-dead-letters"),
                    visibility_timeout_seconds=settings.curation_visibility_seconds,
                    retention_days=timing.MESSAGE_DAYS,
                    dead_letter_retention_days=timing.DEAD_LETTER_DAYS,
                    max_receive_count=timing.RECEIVES,
                ),
            ),
            protected,
        )
        self.raw.notify(self.queue)

    def _name(self, part: str) -> str:
        return resource_name(self._pipeline, part)

    def outputs(self) -> Mapping[str, pulumi.Input[Any]]:
        """Return their names."""
        return {
            "rawBucket": self.raw.bucket,
            "recordsTable": self.records.table,
            "countersTable": self.counters.table,
            "sourcesTable": self.sources.table,
            **({"versionsTable": self.versions.table} if self.versions else {}),
            "curationQueueUrl": self.queue.url,
            "curationDeadLetterQueueUrl": self.queue.dead_letter_url,
            "sourceSecrets": self.secrets.arns,
        }
