"""The pipeline's five functions: roles first, which policies name, and the functions when those are there."""

from collections.abc import Mapping, Sequence

import pulumi

from components.blocks.function_platform import FunctionPlatform
from components.blocks.naming import resource_name
from components.events.compactor import Compactor, CompactorArgs
from components.events.processor import Processor, ProcessorArgs
from components.events.recovery import Recovery, RecoveryArgs
from components.events.settings import EventsSettings
from components.events.stores import Stores
from components.events.stream_reader import StreamReaderArgs
from components.events.sweeper import Sweeper, SweeperArgs
from components.events.transformer import Transformer, TransformerArgs


class Functions:
    """Processor, transformer, compactor, recovery and sweeper, of which only the roles are declared until `run`."""

    def __init__(
        self, pipeline: str, stores: Stores, platform: FunctionPlatform, settings: EventsSettings, *, shifted: bool
    ) -> None:
        reader = StreamReaderArgs(
            stream=stores.stream,
            raw=stores.raw,
            progress=stores.progress,
            batches=stores.batches,
            batch_days=settings.batch_days,
            raw_days=settings.raw_days,
        )
        self.processor = Processor(
            resource_name(pipeline, "processor"),
            ProcessorArgs(
                reader=reader, failures=stores.failures, platform=platform, settings=settings, shifted=shifted
            ),
        )
        self.transformer = Transformer(
            resource_name(pipeline, "transformer"),
            TransformerArgs(
                stream=stores.stream,
                raw=stores.raw,
                processed=stores.processed,
                progress=stores.progress,
                queue=stores.transform,
                platform=platform,
                settings=settings,
                shifted=shifted,
            ),
        )
        self.compactor = Compactor(
            resource_name(pipeline, "compactor"),
            CompactorArgs(
                processed=stores.processed,
                compacted=stores.compacted,
                catalogue=stores.catalogue,
                queue=stores.compaction,
                platform=platform,
                settings=settings,
                shifted=shifted,
            ),
        )
        self.recovery = Recovery(
            resource_name(pipeline, "recovery"),
            RecoveryArgs(
                reader=reader,
                failures=stores.failures,
                platform=platform,
                memory_megabytes=settings.processor_memory_megabytes,
            ),
        )

        self.sweeper = Sweeper(
            resource_name(pipeline, "sweeper"),
            SweeperArgs(
                stream=stores.stream,
                raw=stores.raw,
                processed=stores.processed,
                progress=stores.progress,
                platform=platform,
                retention_hours=settings.retention_hours,
                raw_days=settings.raw_days,
            ),
        )

    def run(self, *, after: Sequence[pulumi.Resource], protected: pulumi.ResourceOptions) -> None:
        """Declare them, and what invokes them.

        Args:
            after: what must be deployed before they run: the policies that let them in.
            protected: options of what feeds the pipeline.
        """
        self.processor.run(after=after, protected=protected)
        self.transformer.run(after=after)
        self.compactor.run(after=after)
        self.recovery.run(after=after)
        self.sweeper.run(after=after)

    def outputs(self) -> Mapping[str, pulumi.Input[str]]:
        """Return their names, those of their logs, and what Pulumi calls the way from the stream to the processor."""
        return {
            "processorFunction": self.processor.function,
            "processorLogGroup": self.processor.log_group,
            "processorMapping": self.processor.mapping_uuid,
            "transformerFunction": self.transformer.function,
            "transformerLogGroup": self.transformer.log_group,
            "compactorFunction": self.compactor.function,
            "compactorLogGroup": self.compactor.log_group,
            "recoveryFunction": self.recovery.function,
            "recoveryLogGroup": self.recovery.log_group,
            "sweeperFunction": self.sweeper.function,
            "sweeperLogGroup": self.sweeper.log_group,
        }
