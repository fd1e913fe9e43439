"""The data lake: how its parts are put together."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from components.blocks.policy_document import Statement
from components.lake.functions import Functions
from components.lake.place import LambdasNetwork
from components.lake.settings import LakeSettings
from components.lake.stores import Stores
from components.lake.watched import WatchedParts, watched
from components.network.network import Network
from components.pipeline import Running, Stack


class LakePipeline:
    """What sources answer becomes raw objects, records, each counted once, and answers to whoever asks for those."""

    def __init__(self, name: str, stack: Stack, settings: LakeSettings) -> None:
        self._name = name
        self._stack = stack
        self._settings = settings
        self._stores = Stores(name, stack, settings)

    def calls(self) -> Mapping[str, Sequence[Statement]]:
        """Return nothing: no function of this pipeline is in a private network, so none calls from within one."""
        return {}

    def run(self, network: Network) -> Running:  # noqa: ARG002 - see `place.py`
        """Declare functions, the policies that let them in, the API and the dashboard."""
        stack, settings, stores = self._stack, self._settings, self._stores
        platform = replace(stack.function_platform(LambdasNetwork()), log_retention_days=settings.log_retention_days)
        shifted = stack.settings.shifts_aliases
        functions = Functions(self._name, stores, platform, settings, shifted=shifted)
        policies = [
            stores.raw.restrict(
                writer_role_arn=functions.ingestion.role_arn,
                reader_role_arn=functions.curation.role_arn,
                operators=stack.operators,
            ),
            *stores.secrets.restrict(reader_role_arn=functions.ingestion.role_arn),
        ]
        functions.run(after=policies)
        return Running(
            watched=watched(
                WatchedParts(
                    ingestion=functions.ingestion.shifted_alias,
                    curation=functions.curation.shifted_alias,
                    api=functions.answering.shifted_alias,
                    raw_bucket_arn=stores.raw.arn,
                    ingestion_role_name=functions.ingestion.role_name,
                    curation_role_name=functions.curation.role_name,
                ),
                shifted=shifted,
            ),
            outputs={**stores.outputs(), **functions.outputs()},
        )
