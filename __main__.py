"""The Pulumi program: reads the stack's settings, composes the pipeline, exports what its users need."""

from typing import TYPE_CHECKING, cast

import pulumi
import pulumi_aws as aws

from components.blocks.function_package import Target, build_function_package
from components.blocks.function_role import grant_trace
from components.blocks.naming import resource_name
from components.files.aggregator import ALIAS, Aggregator, AggregatorArgs
from components.files.alarms.batch import batch_alarms
from components.files.alarms.delivery import latency_alarms, mailbox_alarms
from components.files.alarms.path import path_alarms
from components.files.alarms.queue import queue_alarms, queue_name, silence_alarms
from components.files.alarms.reconciliation import reconciliation_alarms
from components.files.archive_bucket import ArchiveBucket, ArchiveBucketArgs
from components.files.claim_table import ClaimTable
from components.files.dashboard import Dashboard, DashboardArgs
from components.files.delivery.pull.consumer import Consumer, ConsumerArgs
from components.files.delivery.pull.consumer_lease import ConsumerLease
from components.files.distribution_bucket import DistributionBucket
from components.files.external_party import ExternalParty, ExternalPartyArgs
from components.files.ingest_queue import IngestQueue, IngestQueueArgs
from components.files.landing_bucket import LandingBucket, LandingBucketArgs, Upload
from components.files.mailbox_monitor import MailboxMonitor, MailboxMonitorArgs
from components.files.reconciliation import Reconciliation, ReconciliationArgs
from components.files.saved_queries import SavedQueries
from components.network.function_access import FunctionAccess, FunctionAccessArgs
from components.network.on_premises_access import OnPremisesAccess, OnPremisesAccessArgs
from components.network.on_premises_link import OnPremisesLink, OnPremisesLinkArgs
from components.pipelines import SETTINGS
from components.settings.secret import as_input
from components.settings.stack import read_settings
from components.watch.access_trail import AccessTrail, AccessTrailArgs
from components.watch.alarm_topic import AlarmTopic, AlarmTopicArgs
from components.watch.cost_budget import CostBudget
from components.watch.function_alarms import function_alarms
from components.watch.pipeline_alarms import UNHEALTHY, PipelineAlarms
from components.watch.rollout import Rollout, RolloutArgs

if TYPE_CHECKING:
    from components.files.settings import FilesSettings

stack = read_settings(SETTINGS)
shared = stack.shared
settings = cast("FilesSettings", stack.pipelines["files"])
keep = shared.keep_data_on_destroy
# All that holds the data, guards it, feeds it, or is known to others by name.
protected = pulumi.ResourceOptions(protect=shared.protect_data)
account = aws.get_caller_identity_output().account_id
region = aws.get_region_output().region

landing = LandingBucket(
    resource_name("landing"),
    LandingBucketArgs(keep_on_destroy=keep, lifecycle=settings.landing_lifecycle),
    protected,
)
archive = ArchiveBucket(
    resource_name("archive"),
    ArchiveBucketArgs(keep_on_destroy=keep, transition_days=settings.archive_transition_days),
    protected,
)
distribution = DistributionBucket(resource_name("distribution"), keep_on_destroy=keep, opts=protected)
claims = ClaimTable(resource_name("claims"), deletion_protection=shared.protect_data, opts=protected)

ingest = IngestQueue(
    resource_name("ingest"),
    IngestQueueArgs(
        dead_letter_name=resource_name("dead-letters"),
        source_bucket_arn=landing.arn,
        source_account=account,
        visibility_timeout_seconds=settings.visibility_timeout_seconds,
        retention_days=settings.queue_retention_days,
        dead_letter_retention_days=settings.dead_letter_retention_days,
        max_receive_count=settings.max_receive_count,
    ),
    protected,
)
landing.notify(ingest)

access = FunctionAccess(
    FunctionAccessArgs(
        new=shared.network_of_new_versions,
        live=shared.network_of_live_version,
        zones=shared.network_zones,
        region=region,
        account=account,
        log_retention_days=shared.log_retention_days,
        s3=[
            *landing.grant_read(),
            *archive.grant_archive(),
            *distribution.grant_deliver(),
            *distribution.grant_watch(),
            *landing.grant_list_versions(),
            *landing.grant_inspect(),
        ],
        dynamodb=[*claims.grant_claim(), *claims.grant_read_many()],
        sqs=[
            *ingest.grant_bring_forward(),
            *ingest.grant_reject(),
            *ingest.grant_announce(),
            *ingest.grant_inspect(),
        ],
        xray=grant_trace(),
    )
)
premises: OnPremisesAccess | None = None
if access.consumer_place and shared.on_premises_cidrs:
    premises = OnPremisesAccess(
        resource_name("on-premises"),
        OnPremisesAccessArgs(
            place=access.consumer_place, cidrs=shared.on_premises_cidrs, mailbox=distribution.grant_collect()
        ),
    )
if access.consumer_place and shared.on_premises_line:
    OnPremisesLink(
        resource_name("on-premises"),
        OnPremisesLinkArgs(
            network=access.consumer_place.network,
            network_cidr=access.consumer_place.network.cidr,
            line=shared.on_premises_line,
        ),
    )

target = Target(architecture=shared.function_architecture, python=shared.function_python)
aggregator = Aggregator(
    resource_name("aggregator"),
    AggregatorArgs(
        landing=landing,
        archive=archive,
        distribution=distribution,
        claims=claims,
        ingest=ingest,
        package=build_function_package(target, handler=Aggregator.HANDLER),
        access=access,
        shared=shared,
        settings=settings,
    ),
)
reconciliation = Reconciliation(
    resource_name("reconciliation"),
    ReconciliationArgs(
        landing=landing,
        claims=claims,
        ingest=ingest,
        package=build_function_package(target, handler=Reconciliation.HANDLER),
        access=access,
        shared=shared,
        settings=settings,
    ),
)

upload = Upload(
    prefix=as_input("filesExternalPartyPrefix", settings.external_party_prefix),
    source_cidrs=as_input("filesExternalPartySourceCidrs", settings.external_party_source_cidrs),
)
external_party = ExternalParty(
    resource_name("external-party"),
    ExternalPartyArgs(
        landing=landing,
        principal_arn=as_input("filesExternalPartyPrincipalArn", settings.external_party_principal_arn),
        external_id=as_input("filesExternalPartyExternalId", settings.external_party_external_id),
        upload=upload,
    ),
    protected,
)
mailbox_endpoint_id = premises.mailbox_endpoint_id if premises else None
lease: ConsumerLease | None = None
lease_endpoint_id = lease_url = None
if settings.consumer_standby:
    lease = ConsumerLease(resource_name("consumer-lease"), deletion_protection=shared.protect_data, opts=protected)
    if premises:
        lease_endpoint_id, lease_url = premises.let_hold_lease(lease.grant_hold())
consumer = Consumer(
    resource_name("consumer"),
    ConsumerArgs(
        distribution=distribution,
        principal_arn=as_input("filesConsumerPrincipalArn", settings.consumer_principal_arn),
        endpoint_id=mailbox_endpoint_id,
        lease=lease,
        lease_endpoint_id=lease_endpoint_id,
    ),
    protected,
)

operators = as_input("operatorPrincipalArns", shared.operator_principal_arns)
guards = [
    landing.guard(
        putter=external_party.role_arn,
        upload=upload,
        reader=aggregator.role_arn,
        vpc_ids=access.vpc_ids,
        operators=operators,
    ),
    archive.guard(archivist=aggregator.role_arn, vpc_ids=access.vpc_ids, operators=operators),
    distribution.guard(
        deliverer=aggregator.role_arn,
        vpc_ids=access.vpc_ids,
        collector=consumer.role_arn,
        endpoint_id=mailbox_endpoint_id,
        operators=operators,
    ),
]
# No version is published before the buckets let it in from where it will run.
aggregator.run(after=guards)
monitor = MailboxMonitor(
    resource_name("mailbox-monitor"),
    MailboxMonitorArgs(
        landing=landing,
        ingest=ingest,
        aggregator=aggregator,
        distribution=distribution,
        package=build_function_package(target, handler=MailboxMonitor.HANDLER),
        access=access,
        shared=shared,
    ),
)

if shared.records_access:
    AccessTrail(
        resource_name("access-log"),
        AccessTrailArgs(
            region=region,
            account=account,
            landing_arn=landing.arn,
            recorded_arns=[archive.arn, distribution.arn],
            aggregator_role_name=aggregator.role_name,
            external_party_role_name=external_party.role_name,
            keep_on_destroy=keep,
            retention_days=shared.access_log_days,
            operators=operators,
        ),
        protected,
    )

ingest_name, dead_letter_name = queue_name(ingest.url), queue_name(ingest.dead_letter_url)
alarm_topic = AlarmTopic(
    resource_name("alarms"),
    AlarmTopicArgs(
        region=region,
        account=account,
        subscribers=shared.alarm_subscriptions,
        pager_subscribers=shared.page_subscriptions,
        paging_alarm=resource_name(UNHEALTHY),
    ),
)
alarms = PipelineAlarms(
    resource_name("alarms"),
    [
        *queue_alarms(ingest_name, dead_letter_name, settings),
        *batch_alarms(pulumi.get_stack(), settings),
        *path_alarms(pulumi.get_stack(), settings),
        *silence_alarms(ingest_name, settings),
        *function_alarms(aggregator.function, claims.table, settings),
        *latency_alarms(pulumi.get_stack()),
        *mailbox_alarms(pulumi.get_stack(), monitor.function, settings),
        *reconciliation_alarms(pulumi.get_stack()),
    ],
    alarm_topic.arn,
)
if shared.rollout == "canary":
    Rollout(
        resource_name("rollout"),
        RolloutArgs(
            function=aggregator.function,
            function_arn=aggregator.function_arn,
            alias=ALIAS,
            alarms=alarms.rolling_back,
            region=region,
            account=account,
        ),
    )
if shared.monthly_budget_dollars:
    CostBudget(resource_name("cost"), dollars=shared.monthly_budget_dollars, topic_arn=alarm_topic.arn)
dashboard = Dashboard(
    resource_name("pipeline"),
    DashboardArgs(
        stack=pulumi.get_stack(),
        region=region,
        queue=ingest_name,
        dead_letters=dead_letter_name,
        function=aggregator.function,
        table=claims.table,
        alarm_arns=alarms.arns,
        function_memory_megabytes=settings.function_memory_megabytes,
        mailbox_wait_seconds=settings.mailbox_wait_seconds,
    ),
)
SavedQueries(resource_name("aggregator"), aggregator.log_group)

pulumi.export("region", region)
pulumi.export("landingBucket", landing.bucket)
pulumi.export("archiveBucket", archive.bucket)
pulumi.export("distributionBucket", distribution.bucket)
pulumi.export("ingestQueueUrl", ingest.url)
pulumi.export("deadLetterQueueUrl", ingest.dead_letter_url)
pulumi.export("claimTable", claims.table)
pulumi.export("aggregatorFunction", aggregator.function)
pulumi.export("aggregatorLogGroup", aggregator.log_group)
pulumi.export("mailboxMonitorFunction", monitor.function)
pulumi.export("mailboxMonitorLogGroup", monitor.log_group)
pulumi.export("reconciliationFunction", reconciliation.function)
pulumi.export("reconciliationLogGroup", reconciliation.log_group)
pulumi.export("alarmTopicArn", alarm_topic.arn)
pulumi.export("dashboard", dashboard.name)
pulumi.export("externalPartyRoleArn", external_party.role_arn)
pulumi.export("consumerRoleArn", consumer.role_arn)
if lease:
    pulumi.export("consumerLeaseTable", lease.table)
if lease_url:
    # AWS_ENDPOINT_URL_DYNAMODB of the consumer.
    pulumi.export("consumerDynamodbUrl", lease_url)
if premises:
    # AWS_ENDPOINT_URL_S3 and AWS_ENDPOINT_URL_STS of the consumer.
    pulumi.export("consumerS3Url", premises.mailbox_url)
    consumer_account = as_input("filesConsumerPrincipalArn", settings.consumer_account)
    pulumi.export("consumerStsUrl", premises.let_sign_in(consumer.role_arn, account=consumer_account))
