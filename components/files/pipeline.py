"""The file pipeline: how its parts are put together."""

from collections.abc import Mapping, Sequence

import pulumi

from components.blocks.function_platform import FunctionPlatform
from components.blocks.naming import resource_name
from components.blocks.policy_document import Statement
from components.files.aggregator import Aggregator, AggregatorArgs
from components.files.delivery.courier.delivery import CourierDelivery, CourierDeliveryArgs
from components.files.delivery.courier.receiver import Receiver
from components.files.delivery.delivery import Delivery, PreparedDelivery
from components.files.delivery.http.receiver import http_receiver
from components.files.delivery.pull.delivery import PullDelivery, PullDeliveryArgs
from components.files.delivery.s3.receiver import s3_receiver
from components.files.external_party import ExternalParty, ExternalPartyArgs
from components.files.landing_bucket import Upload
from components.files.mailbox_monitor import MailboxMonitor, MailboxMonitorArgs
from components.files.reconciliation import Reconciliation, ReconciliationArgs
from components.files.registrar import Registrar, RegistrarArgs
from components.files.saved_queries import SavedQueries
from components.files.settings import FilesSettings
from components.files.stores import Stores
from components.files.watched import WatchedParts, watched
from components.network.network import Network
from components.pipeline import Running, Stack
from components.settings.secret import as_input


class FilesPipeline:
    """Landed files become bundles in the archive and the mailbox, and the delivery takes them from there."""

    def __init__(self, name: str, stack: Stack, settings: FilesSettings) -> None:
        self._name = name
        self._stack = stack
        self._settings = settings
        self._stores = Stores(name, stack, settings)
        self._delivery = self._chosen_delivery()

    def calls(self) -> Mapping[str, Sequence[Statement]]:
        """Return what its functions will do, but what they ask about one another (`run`)."""
        stores, delivery = self._stores.calls(), self._delivery.calls()
        return {service: [*stores.get(service, ()), *delivery.get(service, ())] for service in {**stores, **delivery}}

    def run(self, network: Network) -> Running:
        """Declare functions, parties, and the policies of the buckets; then let the functions run."""
        stack, settings = self._stack, self._settings
        platform = stack.function_platform(network.functions)
        aggregator = self._aggregator(platform)
        reconciliation = self._reconciliation(platform)
        registrar = Registrar(
            resource_name(self._name, "registrar"),
            RegistrarArgs(archive=self._stores.archive, platform=platform),
        )
        upload = Upload(
            prefixes=settings.landing_prefixes
            or [as_input("filesExternalPartyPrefix", settings.external_party_prefix)],
            source_cidrs=as_input("filesExternalPartySourceCidrs", settings.external_party_source_cidrs),
        )
        external_party = self._external_party(upload)
        prepared = self._delivery.prepare(network)
        landing_policy, *others = self._restrict(
            upload=upload,
            external_party=external_party,
            aggregator=aggregator,
            registrar=registrar,
            delivery=prepared,
            vpc_ids=network.functions.vpc_ids,
        )
        policies = [landing_policy, *others]
        self._stores.landing.notify(self._stores.ingest, after=[landing_policy])
        # No version is published before the stores let it in from where it will run.
        aggregator.run(after=policies)
        delivery = prepared.run(after=policies)
        monitor = self._monitor(aggregator, platform, network)
        SavedQueries(resource_name(self._name, "aggregator"), aggregator.log_group)
        return Running(
            watched=watched(
                WatchedParts(
                    stores=self._stores,
                    aggregator=aggregator,
                    monitor=monitor.function,
                    external_party_role_name=external_party.role_name,
                    courier=delivery.courier,
                ),
                settings,
                stack=stack.name,
                shifted=stack.settings.shifts_aliases,
            ),
            outputs={
                **self._stores.outputs(),
                "aggregatorFunction": aggregator.function,
                "aggregatorLogGroup": aggregator.log_group,
                "mailboxMonitorFunction": monitor.function,
                "mailboxMonitorLogGroup": monitor.log_group,
                "reconciliationFunction": reconciliation.function,
                "reconciliationLogGroup": reconciliation.log_group,
                "registrarFunction": registrar.function,
                "registrarLogGroup": registrar.log_group,
                "externalPartyRoleArn": external_party.role_arn,
                "landingRetentionDays": settings.landing_retention_days,
                "maxFileMegabytes": settings.max_file_megabytes,
                **delivery.outputs,
            },
        )

    def _aggregator(self, platform: FunctionPlatform) -> Aggregator:
        stores, settings = self._stores, self._settings
        return Aggregator(
            resource_name(self._name, "aggregator"),
            AggregatorArgs(
                landing=stores.landing,
                archive=stores.archive,
                distribution=stores.distribution,
                claims=stores.claims,
                ingest=stores.ingest,
                platform=platform,
                timeout_seconds=settings.function_timeout_seconds,
                memory_megabytes=settings.function_memory_megabytes,
                disk_megabytes=settings.function_disk_megabytes,
                batch_size=settings.batch_size,
                batching_window_seconds=settings.batching_window_seconds,
                maximum_concurrency=settings.maximum_concurrency,
                longest_retry_seconds=settings.longest_retry_seconds,
                claim_lifetime_seconds=settings.claim_lifetime_seconds,
                max_file_megabytes=settings.max_file_megabytes,
                max_bundle_megabytes=settings.max_bundle_megabytes,
                shifted=self._stack.settings.shifts_aliases,
            ),
        )

    def _reconciliation(self, platform: FunctionPlatform) -> Reconciliation:
        return Reconciliation(
            resource_name(self._name, "reconciliation"),
            ReconciliationArgs(
                landing=self._stores.landing,
                claims=self._stores.claims,
                ingest=self._stores.ingest,
                platform=platform,
                claim_lifetime_seconds=self._settings.claim_lifetime_seconds,
                expected_files_per_second=self._settings.expected_per_second,
            ),
        )

    def _external_party(self, upload: Upload) -> ExternalParty:
        settings = self._settings
        return ExternalParty(
            resource_name(self._name, "external-party"),
            ExternalPartyArgs(
                landing=self._stores.landing,
                principal_arn=as_input("filesExternalPartyPrincipalArn", settings.external_party_principal_arn),
                external_id=as_input("filesExternalPartyExternalId", settings.external_party_external_id),
                upload=upload,
            ),
            self._stack.protected,
        )

    def _chosen_delivery(self) -> Delivery:
        match self._settings.delivery:
            case "pull":
                return self._pull()
            case "http":
                return self._push(http_receiver(self._settings))
            case "s3":
                return self._push(s3_receiver(self._settings))

    def _pull(self) -> PullDelivery:
        settings = self._settings
        return PullDelivery(
            PullDeliveryArgs(
                pipeline=self._name,
                distribution=self._stores.distribution,
                principal_arn=as_input("filesConsumerPrincipalArn", settings.consumer_principal_arn),
                account=as_input("filesConsumerPrincipalArn", settings.consumer_account),
                standby=settings.consumer_standby,
                deletion_protection=self._stack.settings.protect_data,
                table_key=self._stack.settings.table_key,
            ),
            self._stack.protected,
        )

    def _push(self, receiver: Receiver) -> CourierDelivery:
        return CourierDelivery(
            CourierDeliveryArgs(
                pipeline=self._name,
                stack=self._stack,
                distribution=self._stores.distribution,
                receiver=receiver,
                settings=self._settings,
            )
        )

    def _monitor(self, aggregator: Aggregator, platform: FunctionPlatform, network: Network) -> MailboxMonitor:
        return MailboxMonitor(
            resource_name(self._name, "mailbox-monitor"),
            MailboxMonitorArgs(
                landing=self._stores.landing,
                ingest=self._stores.ingest,
                aggregator=aggregator,
                distribution=self._stores.distribution,
                platform=platform,
                delivery=self._settings.delivery,
                # The mappings that it asks about are there only now.
                routes=network.functions.endpoint("lambda", aggregator.grant_inspect()),
            ),
        )

    def _restrict(  # noqa: PLR0913 - whom the policies name
        self,
        *,
        upload: Upload,
        external_party: ExternalParty,
        aggregator: Aggregator,
        registrar: Registrar,
        delivery: PreparedDelivery,
        vpc_ids: Sequence[pulumi.Input[str]],
    ) -> list[pulumi.Resource]:
        """Declare the policies of the buckets, and of what the delivery has besides, and return them: landing first."""
        stores, operators = self._stores, self._stack.operators
        return [
            stores.landing.restrict(
                writer_role_arn=external_party.role_arn,
                upload=upload,
                reader_role_arn=aggregator.role_arn,
                vpc_ids=vpc_ids,
                operators=operators,
            ),
            stores.archive.restrict(
                writer_role_arn=aggregator.role_arn,
                registrar_role_arn=registrar.role_arn,
                vpc_ids=vpc_ids,
                operators=operators,
            ),
            *delivery.restrict(writer_role_arn=aggregator.role_arn, vpc_ids=vpc_ids, operators=operators),
        ]
