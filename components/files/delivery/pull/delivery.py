"""Delivery by pull: the consumer's role, its ways in from the premises, and the lease of consumers that stand by."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi

from components.blocks.bucket_policy import Principals
from components.blocks.naming import resource_name
from components.blocks.policy_document import Statement
from components.blocks.table import TableKey
from components.files.delivery.delivery import PreparedDelivery, RunningDelivery
from components.files.delivery.pull.consumer import Consumer, ConsumerArgs
from components.files.delivery.pull.consumer_lease import ConsumerLease
from components.files.distribution_bucket import DistributionBucket
from components.network.network import Network
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
    table_key: TableKey


class PullDelivery:
    """A consumer that comes for the bundles. No function of the stack takes part."""

    def __init__(self, args: PullDeliveryArgs, opts: pulumi.ResourceOptions) -> None:
        self._args = args
        self._opts = opts

    def calls(self) -> Mapping[str, Sequence[Statement]]:
        """Return nothing: the consumer comes through endpoints of its own."""
        return {}

    def prepare(self, network: Network) -> PreparedDelivery:
        """Declare what the consumer needs to empty the mailbox; without networks of the premises over the internet."""
        return _PreparedPull(self._args, network.premises, self._opts)


class _PreparedPull:
    """What the consumer needs to empty the mailbox, and nothing else."""

    def __init__(self, args: PullDeliveryArgs, premises: OnPremisesAccess | None, opts: pulumi.ResourceOptions) -> None:
        self._distribution = args.distribution
        lease: ConsumerLease | None = None
        if args.standby:
            lease = ConsumerLease(
                resource_name(args.pipeline, "consumer-lease"),
                deletion_protection=args.deletion_protection,
                key=args.table_key,
                opts=opts,
            )
        mailbox_endpoint: OnPremisesEndpoint | None = None
        lease_endpoint: OnPremisesEndpoint | None = None
        if premises:
            mailbox_endpoint = premises.endpoint(_endpoint(args, "s3"), "s3", args.distribution.grant_collect())
            if lease:
                lease_endpoint = premises.endpoint(_endpoint(args, "dynamodb"), "dynamodb", lease.grant_hold())
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
        self._consumer_role_arn = consumer.role_arn
        self._endpoint_id = mailbox_endpoint.id if mailbox_endpoint else None
        self._outputs: dict[str, pulumi.Input[str]] = {"consumerRoleArn": consumer.role_arn}
        if lease:
            self._outputs["consumerLeaseTable"] = lease.table
        if lease_endpoint:
            # AWS_ENDPOINT_URL_DYNAMODB of the consumer.
            self._outputs["consumerDynamodbUrl"] = lease_endpoint.url
        if premises and mailbox_endpoint:
            # AWS_ENDPOINT_URL_S3 and AWS_ENDPOINT_URL_STS of the consumer, which signs in without the internet.
            self._outputs["consumerS3Url"] = mailbox_endpoint.url
            sign_in = premises.endpoint(_endpoint(args, "sts"), "sts", consumer.grant_sign_in(), account=args.account)
            self._outputs["consumerStsUrl"] = sign_in.url

    def restrict(
        self,
        *,
        writer_role_arn: pulumi.Input[str],
        vpc_ids: Sequence[pulumi.Input[str]],
        operators: Principals,
    ) -> list[pulumi.Resource]:
        return [
            self._distribution.restrict_to_consumer(
                writer_role_arn=writer_role_arn,
                vpc_ids=vpc_ids,
                consumer_role_arn=self._consumer_role_arn,
                endpoint_id=self._endpoint_id,
                operators=operators,
            )
        ]

    def run(self, *, after: Sequence[pulumi.Resource]) -> RunningDelivery:  # noqa: ARG002 - nothing runs here
        return RunningDelivery(outputs=self._outputs, courier=None)


def _endpoint(args: PullDeliveryArgs, service: str) -> str:
    return resource_name(args.pipeline, "on-premises", service)
