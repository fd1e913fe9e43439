"""Delivery by pull: the consumer's role, its ways in from the premises, and the lease of consumers that stand by."""

from dataclasses import dataclass

import pulumi

from components.blocks.naming import resource_name
from components.files.delivery.pull.consumer import Consumer, ConsumerArgs
from components.files.delivery.pull.consumer_lease import ConsumerLease
from components.files.distribution_bucket import DistributionBucket
from components.network.on_premises_access import OnPremisesAccess, OnPremisesEndpoint


@dataclass(frozen=True, kw_only=True)
class PullDeliveryArgs:
    """Who the consumer is, and from where it comes."""

    pipeline: str
    """The pipeline's name, for those of the resources."""

    distribution: DistributionBucket
    principal_arn: pulumi.Input[str]
    """Who may assume the consumer's role."""

    account: pulumi.Input[str]
    """That principal's account."""

    standby: bool
    """Whether several consumers stand by for one another, of which one works."""

    deletion_protection: bool
    premises: OnPremisesAccess | None
    """Where it comes in; None lets it come over the internet."""


class PullDelivery:
    """What the consumer needs to empty the mailbox, and nothing else."""

    def __init__(self, args: PullDeliveryArgs, opts: pulumi.ResourceOptions) -> None:
        lease: ConsumerLease | None = None
        if args.standby:
            lease = ConsumerLease(
                resource_name(args.pipeline, "consumer-lease"), deletion_protection=args.deletion_protection, opts=opts
            )
        mailbox_endpoint: OnPremisesEndpoint | None = None
        lease_endpoint: OnPremisesEndpoint | None = None
        if args.premises:
            mailbox_endpoint = args.premises.endpoint(_endpoint(args, "s3"), "s3", args.distribution.grant_collect())
            if lease:
                lease_endpoint = args.premises.endpoint(_endpoint(args, "dynamodb"), "dynamodb", lease.grant_hold())
        consumer = Consumer(
            resource_name(args.pipeline, "consumer"),
            ConsumerArgs(
                distribution=args.distribution,
                principal_arn=args.principal_arn,
                endpoint_id=mailbox_endpoint.id if mailbox_endpoint else None,
                lease=lease,
                lease_endpoint_id=lease_endpoint.id if lease_endpoint else None,
            ),
            opts,
        )
        self.role_arn = consumer.role_arn
        self.endpoint_id = mailbox_endpoint.id if mailbox_endpoint else None
        """The VPC endpoint through which alone the consumer reaches the mailbox, if any."""

        self.outputs: dict[str, pulumi.Input[str]] = {"consumerRoleArn": consumer.role_arn}
        if lease:
            self.outputs["consumerLeaseTable"] = lease.table
        if lease_endpoint:
            # AWS_ENDPOINT_URL_DYNAMODB of the consumer.
            self.outputs["consumerDynamodbUrl"] = lease_endpoint.url
        if args.premises and mailbox_endpoint:
            # AWS_ENDPOINT_URL_S3 and AWS_ENDPOINT_URL_STS of the consumer, which signs in without the internet.
            self.outputs["consumerS3Url"] = mailbox_endpoint.url
            sign_in = args.premises.endpoint(
                _endpoint(args, "sts"), "sts", consumer.grant_sign_in(), account=args.account
            )
            self.outputs["consumerStsUrl"] = sign_in.url


def _endpoint(args: PullDeliveryArgs, service: str) -> str:
    return resource_name(args.pipeline, "on-premises", service)
