"""The Pulumi program: reads the stack's settings, composes the pipeline, exports what its users need."""

import pulumi
import pulumi_aws as aws

from components.aggregator import Aggregator, AggregatorArgs
from components.archive_bucket import ArchiveBucket, ArchiveBucketArgs
from components.claim_table import ClaimTable
from components.consumer import Consumer
from components.distribution_bucket import DistributionBucket
from components.external_party import ExternalParty, ExternalPartyArgs
from components.function_package import Target, build_function_package
from components.ingest_queue import IngestQueue, IngestQueueArgs
from components.landing_bucket import LandingBucket, LandingBucketArgs
from components.naming import resource_name
from components.secure_bucket import Durability
from components.stack_settings import read_settings

settings = read_settings()
durability = Durability(keep_on_destroy=settings.keep_data_on_destroy, protect=settings.protect_data)

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
        source_account=aws.get_caller_identity_output().account_id,
        visibility_timeout_seconds=settings.visibility_timeout_seconds,
        retention_days=settings.queue_retention_days,
        dead_letter_retention_days=settings.dead_letter_retention_days,
        max_receive_count=settings.max_receive_count,
    ),
)
landing.notify(ingest)

aggregator = Aggregator(
    resource_name("aggregator"),
    AggregatorArgs(
        landing=landing,
        archive=archive,
        distribution=distribution,
        claims=claims,
        ingest=ingest,
        package=build_function_package(
            Target(architecture=settings.function_architecture, python=settings.function_python)
        ),
        settings=settings,
    ),
)

external_party = ExternalParty(
    resource_name("external-party"),
    ExternalPartyArgs(
        landing=landing,
        principal_arn=settings.external_party_principal_arn,
        external_id=settings.external_party_external_id,
        source_cidrs=settings.external_party_source_cidrs,
    ),
)
consumer = Consumer(resource_name("consumer"), distribution=distribution, principal_arn=settings.consumer_principal_arn)

pulumi.export("region", aws.get_region_output().region)
pulumi.export("landingBucket", landing.bucket)
pulumi.export("archiveBucket", archive.bucket)
pulumi.export("distributionBucket", distribution.bucket)
pulumi.export("ingestQueueUrl", ingest.url)
pulumi.export("deadLetterQueueUrl", ingest.dead_letter_url)
pulumi.export("claimTable", claims.table)
pulumi.export("aggregatorFunction", aggregator.function)
pulumi.export("aggregatorLogGroup", aggregator.log_group)
pulumi.export("externalPartyRoleArn", external_party.role_arn)
pulumi.export("consumerRoleArn", consumer.role_arn)
