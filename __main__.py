"""The Pulumi program: reads the stack's settings, composes the pipeline, exports what its users need."""

import pulumi
import pulumi_aws as aws

from components.aggregator import ALIAS, Aggregator, AggregatorArgs
from components.alarms.alarm_topic import AlarmTopic, AlarmTopicArgs
from components.alarms.batch_alarms import batch_alarms
from components.alarms.cost_budget import CostBudget
from components.alarms.delivery_alarms import latency_alarms, mailbox_alarms
from components.alarms.function_alarms import function_alarms
from components.alarms.path_alarms import path_alarms
from components.alarms.pipeline_alarms import UNHEALTHY, PipelineAlarms
from components.alarms.queue_alarms import queue_alarms, queue_name, silence_alarms
from components.archive_bucket import ArchiveBucket, ArchiveBucketArgs
from components.claim_table import ClaimTable
from components.consumer import Consumer
from components.dashboard import Dashboard, DashboardArgs
from components.distribution_bucket import DistributionBucket
from components.external_party import ExternalParty, ExternalPartyArgs
from components.function_package import Target, build_function_package
from components.function_role import grant_trace
from components.ingest_queue import IngestQueue, IngestQueueArgs
from components.landing_bucket import LandingBucket, LandingBucketArgs, Upload
from components.mailbox_monitor import MailboxMonitor, MailboxMonitorArgs
from components.naming import resource_name
from components.network.endpoints import Place
from components.network.function_access import FunctionAccess, FunctionAccessArgs
from components.network.on_premises_access import OnPremisesAccess, OnPremisesAccessArgs
from components.network.on_premises_link import OnPremisesLink, OnPremisesLinkArgs
from components.network.private_network import PrivateNetwork, PrivateNetworkArgs
from components.rollout import Rollout, RolloutArgs
from components.saved_queries import SavedQueries
from components.secure_bucket import Durability
from components.stack_settings import read_settings

settings = read_settings()
durability = Durability(keep_on_destroy=settings.keep_data_on_destroy, protect=settings.protect_data)
account = aws.get_caller_identity_output().account_id
region = aws.get_region_output().region

landing = LandingBucket(
    resource_name("landing"),
    LandingBucketArgs(durability=durability, retention_days=settings.landing_retention_days),
)
archive = ArchiveBucket(
    resource_name("archive"),
    ArchiveBucketArgs(durability=durability, transition_days=settings.archive_transition_days),
)
distribution = DistributionBucket(resource_name("distribution"), durability)
claims = ClaimTable(resource_name("claims"), protect=durability.protect)

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
)
landing.notify(ingest)

vpc_id: pulumi.Output[str] | None = None
function_access: FunctionAccess | None = None
premises: OnPremisesAccess | None = None
if settings.private_network:
    network = PrivateNetwork(
        resource_name("network"),
        PrivateNetworkArgs(
            region=region,
            account=account,
            cidr=settings.network_cidr,
            zones=settings.network_zones,
            log_retention_days=settings.log_retention_days,
        ),
    )
    vpc_id = network.vpc_id
    place = Place(network=network, region=region, account=account)
    function_access = FunctionAccess(
        resource_name("function-access"),
        FunctionAccessArgs(
            place=place,
            s3=[
                *landing.grant_read(),
                *archive.grant_archive(),
                *distribution.grant_deliver(),
                *distribution.grant_watch(),
                *landing.grant_inspect(),
            ],
            dynamodb=claims.grant_claim(),
            sqs=[*ingest.grant_bring_forward(), *ingest.grant_inspect()],
            xray=grant_trace(),
        ),
    )
    if settings.on_premises_cidrs:
        premises = OnPremisesAccess(
            resource_name("on-premises"),
            OnPremisesAccessArgs(place=place, cidrs=settings.on_premises_cidrs, mailbox=distribution.grant_collect()),
        )
    if settings.on_premises_line:
        OnPremisesLink(
            resource_name("on-premises"),
            OnPremisesLinkArgs(network=network, network_cidr=settings.network_cidr, line=settings.on_premises_line),
        )

package = build_function_package(Target(architecture=settings.function_architecture, python=settings.function_python))
aggregator = Aggregator(
    resource_name("aggregator"),
    AggregatorArgs(
        landing=landing,
        archive=archive,
        distribution=distribution,
        claims=claims,
        ingest=ingest,
        package=package,
        access=function_access,
        settings=settings,
    ),
)
monitor = MailboxMonitor(
    resource_name("mailbox-monitor"),
    MailboxMonitorArgs(
        landing=landing,
        ingest=ingest,
        aggregator=aggregator,
        distribution=distribution,
        package=package,
        access=function_access,
        settings=settings,
    ),
)

upload = Upload(prefix=settings.external_party_prefix, source_cidrs=settings.external_party_source_cidrs)
external_party = ExternalParty(
    resource_name("external-party"),
    ExternalPartyArgs(
        landing=landing,
        principal_arn=settings.external_party_principal_arn,
        external_id=settings.external_party_external_id,
        upload=upload,
    ),
)
mailbox_endpoint_id = premises.mailbox_endpoint_id if premises else None
consumer = Consumer(
    resource_name("consumer"),
    distribution=distribution,
    principal_arn=settings.consumer_principal_arn,
    endpoint_id=mailbox_endpoint_id,
)

operators = settings.operator_principal_arns
landing.guard(
    putter=external_party.role_arn, upload=upload, reader=aggregator.role_arn, vpc_id=vpc_id, operators=operators
)
archive.guard(archivist=aggregator.role_arn, vpc_id=vpc_id, operators=operators)
distribution.guard(
    deliverer=aggregator.role_arn,
    vpc_id=vpc_id,
    collector=consumer.role_arn,
    endpoint_id=mailbox_endpoint_id,
    operators=operators,
)

ingest_name, dead_letter_name = queue_name(ingest.url), queue_name(ingest.dead_letter_url)
alarm_topic = AlarmTopic(
    resource_name("alarms"),
    AlarmTopicArgs(
        region=region,
        account=account,
        subscribers=settings.alarm_subscriptions,
        pager_subscribers=settings.page_subscriptions,
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
    ],
    alarm_topic.arn,
)
if settings.rollout == "canary":
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
if settings.monthly_budget_dollars:
    CostBudget(resource_name("cost"), dollars=settings.monthly_budget_dollars, topic_arn=alarm_topic.arn)
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
pulumi.export("alarmTopicArn", alarm_topic.arn)
pulumi.export("dashboard", dashboard.name)
pulumi.export("externalPartyRoleArn", external_party.role_arn)
pulumi.export("consumerRoleArn", consumer.role_arn)
if premises:
    # AWS_ENDPOINT_URL_S3 and AWS_ENDPOINT_URL_STS of the consumer.
    pulumi.export("consumerS3Url", premises.mailbox_url)
    pulumi.export("consumerStsUrl", premises.let_sign_in(consumer.role_arn, account=settings.consumer_account))
