"""The event stream: how its parts are put together."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import pulumi

from components.blocks.naming import resource_name
from components.blocks.policy_document import Statement
from components.events.dashboard.args import QueueNames
from components.events.functions import Functions
from components.events.producer import Producer
from components.events.raw_bucket import RawUsers
from components.events.replication import Replication
from components.events.settings import EventsSettings
from components.events.stores import Stores
from components.events.stream_key import KeyUsers
from components.events.watched import WatchedBuckets, WatchedParts, watched
from components.network.network import Network
from components.pipeline import Running, Stack
from components.settings.secret import as_input


class EventsPipeline:
    """Records of the stream become raw events, processed events, and rows of a table, each once."""

    def __init__(self, name: str, stack: Stack, settings: EventsSettings) -> None:
        self._name = name
        self._stack = stack
        self._settings = settings
        self._stores = Stores(name, stack, settings)

    def calls(self) -> Mapping[str, Sequence[Statement]]:
        """Return what its functions will do."""
        return self._stores.calls()

    def run(self, network: Network) -> Running:
        """Declare functions, the producer's role, and the policies of key and buckets; then let the functions run."""
        stack, settings, stores = self._stack, self._settings, self._stores
        platform = replace(stack.function_platform(network.functions), log_retention_days=settings.log_retention_days)
        shifted = stack.settings.shifts_aliases
        functions = Functions(self._name, stores, platform, settings, shifted=shifted)
        producer = Producer(
            resource_name(self._name, "producer"),
            stream=stores.stream,
            principal_arn=as_input("eventsProducerPrincipalArn", settings.producer_principal_arn),
            opts=stack.protected,
        )
        policies = self._restrict(functions, producer, self._replicators(), network.functions.vpc_ids)
        # Nothing runs before the stores let it in from where it will run.
        functions.run(after=policies, protected=stack.protected)
        return Running(
            watched=watched(self._watched_parts(functions), settings, stack=stack.name, shifted=shifted),
            outputs={**stores.outputs(), **functions.outputs(), "producerRoleArn": producer.role_arn},
        )

    def _watched_parts(self, functions: Functions) -> WatchedParts:
        stores, processor, transformer = self._stores, functions.processor, functions.transformer
        return WatchedParts(
            stream=stores.stream.name,
            mapping=processor.mapping_uuid,
            processor=processor.shifted_alias,
            transformer=transformer.shifted_alias,
            compactor=functions.compactor.shifted_alias,
            sweeper=functions.sweeper.function,
            transform=QueueNames(stores.transform.name, stores.transform.dead_letter_name),
            compaction=QueueNames(stores.compaction.name, stores.compaction.dead_letter_name),
            progress=stores.progress.table,
            batches=stores.batches.table,
            buckets=WatchedBuckets(
                raw=stores.raw.arn,
                processed=stores.processed.arn,
                compacted=stores.compacted.arn,
                failures=stores.failures.arn,
            ),
            processor_role_name=processor.role_name,
            transformer_role_name=transformer.role_name,
            compactor_role_name=functions.compactor.role_name,
        )

    def _replicators(self) -> list[pulumi.Output[str]]:
        """Declare the copy in another region, if there is to be one; return the ARN of its role."""
        replica_arn = self._settings.replica_bucket_arn
        if not replica_arn:
            return []
        replication = Replication(
            resource_name(self._name, "replication"),
            buckets=[self._stores.raw.replicated(), self._stores.processed.replicated()],
            replica_arn=replica_arn,
            account=self._stack.account,
        )
        return [replication.role_arn]

    def _restrict(
        self,
        functions: Functions,
        producer: Producer,
        replicators: Sequence[pulumi.Input[str]],
        vpc_ids: Sequence[pulumi.Input[str]],
    ) -> list[pulumi.Resource]:
        """Declare the policies of key and buckets, and return them."""
        stores, operators = self._stores, self._stack.operators
        analysts = as_input("eventsAnalystPrincipalArns", self._settings.analyst_principal_arns)
        processor, transformer = functions.processor.role_arn, functions.transformer.role_arn
        compactor, recovery = functions.compactor.role_arn, functions.recovery.role_arn
        return [
            stores.key.restrict(
                KeyUsers(writers=[producer.role_arn], readers=[processor, recovery]), stream_arn=stores.stream.arn
            ),
            stores.raw.restrict(
                RawUsers(
                    writers=[processor, recovery],
                    readers=[transformer],
                    sweeper=functions.sweeper.role_arn,
                    replicators=replicators,
                ),
                vpc_ids=vpc_ids,
                operators=operators,
            ),
            stores.processed.restrict(
                writer_role_arn=transformer,
                reader_role_arn=compactor,
                replicator_role_arns=replicators,
                vpc_ids=vpc_ids,
                operators=operators,
                analysts=analysts,
            ),
            stores.compacted.restrict(
                keeper_role_arn=compactor, vpc_ids=vpc_ids, operators=operators, analysts=analysts
            ),
            stores.failures.restrict(
                writer_role_arn=processor, reader_role_arn=recovery, vpc_ids=vpc_ids, operators=operators
            ),
            stores.results.restrict([*operators, *analysts]),
        ]
