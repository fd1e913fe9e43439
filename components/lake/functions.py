"""The pipeline's three functions: roles first, which policies name, and the functions when those are there."""

from collections.abc import Mapping, Sequence

import pulumi

from components.blocks.function import FunctionAlias
from components.blocks.function_platform import FunctionPlatform
from components.blocks.naming import resource_name
from components.lake.answering import Answering, AnsweringArgs
from components.lake.curation import Curation, CurationArgs
from components.lake.ingestion import Ingestion, IngestionArgs
from components.lake.settings import LakeSettings
from components.lake.stores import Stores


class Functions:
    """Ingestion, curation, and what answers requests, of which only the roles are declared until `run`."""

    def __init__(
        self, pipeline: str, stores: Stores, platform: FunctionPlatform, settings: LakeSettings, *, shifted: bool
    ) -> None:
        self.ingestion = Ingestion(
            resource_name(pipeline, "ingestion"),
            IngestionArgs(
                raw=stores.raw,
                sources=stores.sources,
                secrets=stores.secrets,
                platform=platform,
                settings=settings,
                shifted=shifted,
            ),
        )
        self.curation = Curation(
            resource_name(pipeline, "curation"),
            CurationArgs(
                raw=stores.raw,
                records=stores.records,
                counters=stores.counters,
                versions=stores.versions,
                queue=stores.queue,
                platform=platform,
                settings=settings,
                shifted=shifted,
            ),
        )
        self.answering = Answering(
            resource_name(pipeline, "api"),
            AnsweringArgs(
                records=stores.records,
                counters=stores.counters,
                sources=stores.sources,
                platform=platform,
                settings=settings,
                shifted=shifted,
            ),
        )

    def run(self, *, after: Sequence[pulumi.Resource]) -> FunctionAlias:
        """Declare them, and what invokes the first two; return what answers requests.

        What reads is there before what writes: curation takes an answer of a source that it does not know for a
        mistake, and sets it aside after some tries.

        Args:
            after: what must be deployed before they run: the policies that let them in.
        """
        alias = self.answering.run(after=after)
        self.curation.run(after=after)
        self.ingestion.run(after=[*after, self.curation.mapping])
        return alias

    def outputs(self) -> Mapping[str, pulumi.Input[str]]:
        """Return their names, those of their logs, and what the clock invokes the first one by."""
        return {
            "ingestionFunction": self.ingestion.function,
            "ingestionLogGroup": self.ingestion.log_group,
            "curationFunction": self.curation.function,
            "curationLogGroup": self.curation.log_group,
            "apiFunction": self.answering.function,
            "apiLogGroup": self.answering.log_group,
            "scheduleRule": self.ingestion.rule,
        }
