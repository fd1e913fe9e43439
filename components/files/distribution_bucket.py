"""The distribution bucket: the mailbox that a consumer on the premises empties, or the courier."""

from collections.abc import Sequence
from typing import Final

import pulumi
import pulumi_aws as aws

from components.blocks.bucket_policy import DELETE, PUT, READ, Principals, by, deny_outside, deny_to_others
from components.blocks.function import FunctionAlias
from components.blocks.policy_document import Condition, Statement
from components.blocks.secure_bucket import SecureBucket, SecureBucketArgs

_COLLECT: Final = ["s3:GetObject", "s3:DeleteObject", "s3:ListBucket"]
_BUNDLES: Final = "bundles/"
_QUARANTINE: Final = "quarantine/"
"""Where the courier sets bundles aside: its listing, its bell and the mailbox's alarms leave it out."""


class DistributionBucket(pulumi.ComponentResource):
    """Bundles on their way. Not versioned: what is deleted here is gone, the archive has it."""

    def __init__(self, name: str, *, keep_on_destroy: bool, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("baler:distribution_bucket:DistributionBucket", name, None, opts)
        self._name = name
        self._secure = SecureBucket(
            name,
            SecureBucketArgs(keep_on_destroy=keep_on_destroy, versioned=False),
            pulumi.ResourceOptions(parent=self),
        )
        self.bucket = self._secure.bucket
        self.arn = self._secure.arn
        self._bundles = pulumi.Output.concat(self.arn, f"/{_BUNDLES}*")
        self._quarantine = pulumi.Output.concat(self.arn, f"/{_QUARANTINE}*")
        self.register_outputs({"bucket": self.bucket, "arn": self.arn})

    def ring(self, courier: FunctionAlias, account: pulumi.Input[str]) -> None:
        """Invoke the courier for every bundle that is put. A bucket has one notification configuration.

        Args:
            courier: what is invoked.
            account: the bucket's. Names of buckets can be taken over, and their ARNs do not hold the account.
        """
        permission = aws.lambda_.Permission(
            self._name,
            function=courier.function,
            qualifier=courier.name,
            action="lambda:InvokeFunction",
            principal="s3.amazonaws.com",
            source_arn=self.arn,
            source_account=account,
            # It guards no data, and goes with the function.
            opts=pulumi.ResourceOptions(parent=self, protect=False),
        )
        aws.s3.BucketNotification(
            self._name,
            bucket=self.bucket,
            lambda_functions=[
                aws.s3.BucketNotificationLambdaFunctionArgs(
                    lambda_function_arn=courier.arn,
                    events=["s3:ObjectCreated:*"],
                    # What is set aside rings no bell.
                    filter_prefix=_BUNDLES,
                )
            ],
            # S3 refuses to store it while it may not invoke the function.
            opts=pulumi.ResourceOptions(parent=self, depends_on=[permission]),
        )

    def grant_deliver(self) -> list[Statement]:
        """Put bundles into the mailbox."""
        return [
            {
                "Sid": "DeliverBundles",
                "Effect": "Allow",
                "Action": ["s3:PutObject"],
                "Resource": [self._bundles],
            }
        ]

    def grant_collect(self) -> list[Statement]:
        """List, get and delete bundles."""
        return [
            {
                "Sid": "CollectBundles",
                "Effect": "Allow",
                "Action": ["s3:GetObject", "s3:DeleteObject"],
                "Resource": [self._bundles],
            },
            {
                "Sid": "ListMailbox",
                "Effect": "Allow",
                "Action": ["s3:ListBucket"],
                "Resource": [self.arn],
            },
        ]

    def grant_take(self) -> list[Statement]:
        """List, get and delete bundles, and set them aside."""
        return [
            {
                "Sid": "TakeBundles",
                "Effect": "Allow",
                "Action": ["s3:GetObject", "s3:DeleteObject"],
                "Resource": [self._bundles],
            },
            {
                "Sid": "SetBundlesAside",
                "Effect": "Allow",
                "Action": ["s3:PutObject"],
                "Resource": [self._quarantine],
            },
            {
                "Sid": "ListBundles",
                "Effect": "Allow",
                "Action": ["s3:ListBucket"],
                "Resource": [self.arn],
            },
        ]

    def grant_watch(self) -> list[Statement]:
        """List the mailbox: what is in it, how large and since when, and nothing of what is in the bundles."""
        return [
            {
                "Sid": "WatchMailbox",
                "Effect": "Allow",
                "Action": ["s3:ListBucket"],
                "Resource": [self.arn],
            }
        ]

    def grant_collect_only(self, endpoint_id: pulumi.Input[str] | None, besides: Sequence[str] = ()) -> list[Statement]:
        """List, get and delete bundles, and be refused everything else everywhere.

        Args:
            endpoint_id: the VPC endpoint that the requests must come through, if any.
            besides: actions on other services that are not refused here.
        """
        refusals: list[Statement] = [
            {
                "Sid": "DenyAllButCollect",
                "Effect": "Deny",
                "NotAction": [*_COLLECT, *besides],
                # "Everything else" has no narrower form: a refusal of named resources would leave out the others.
                "Resource": ["*"],
            },
            {
                "Sid": "DenyCollectElsewhere",
                "Effect": "Deny",
                "Action": _COLLECT,
                "NotResource": [self.arn, self._bundles],
            },
        ]
        if endpoint_id is not None:
            refusals.append(
                {
                    "Sid": "DenyOtherWays",
                    "Effect": "Deny",
                    "Action": _COLLECT,
                    "Resource": [self.arn, self._bundles],
                    "Condition": _not_through(endpoint_id),
                }
            )
        return [*self.grant_collect(), *refusals]

    def restrict_to_consumer(
        self,
        *,
        writer_role_arn: pulumi.Input[str],
        vpc_ids: Sequence[pulumi.Input[str]],
        consumer_role_arn: pulumi.Input[str],
        endpoint_id: pulumi.Input[str] | None,
        operators: Principals,
    ) -> aws.s3.BucketPolicy:
        """Refuse bundles from anybody but the aggregator and to anybody but the consumer; the operators may do both.

        Args:
            writer_role_arn: the aggregator's.
            vpc_ids: the networks that the aggregator must come from; none lets it come from anywhere.
            consumer_role_arn: who collects.
            endpoint_id: the VPC endpoint that the consumer must come through, if any.
            operators: ARNs of those who may replay bundles into the mailbox, look at them and take them out.
        """
        everything = [self.arn, pulumi.Output.concat(self.arn, "/*")]
        objects = everything[1:]
        refusals: list[Statement] = [
            *deny_outside(vpc_ids, writer_role_arn, self.arn),
            deny_to_others("DenyPutToOthers", PUT, objects, [writer_role_arn, *operators]),
            deny_to_others("DenyReadToOthers", READ, objects, [consumer_role_arn, *operators]),
            deny_to_others("DenyDeleteToOthers", DELETE, objects, [consumer_role_arn, *operators]),
            {
                "Sid": "DenyAllButCollectToTheConsumer",
                "Effect": "Deny",
                "Principal": "*",
                "NotAction": _COLLECT,
                "Resource": everything,
                "Condition": by(consumer_role_arn),
            },
        ]
        if endpoint_id is not None:
            refusals.append(
                {
                    "Sid": "DenyOtherWaysToTheConsumer",
                    "Effect": "Deny",
                    "Principal": "*",
                    "Action": ["s3:*"],
                    "Resource": everything,
                    "Condition": {**by(consumer_role_arn), **_not_through(endpoint_id)},
                }
            )
        return self._secure.restrict(refusals)

    def restrict_to_courier(
        self,
        *,
        writer_role_arn: pulumi.Input[str],
        vpc_ids: Sequence[pulumi.Input[str]],
        courier_role_arn: pulumi.Input[str],
        operators: Principals,
    ) -> aws.s3.BucketPolicy:
        """Refuse bundles from anybody but the aggregator and to anybody but the courier; the operators may do both.

        What the courier sets aside nobody but the operators gets or deletes, the courier neither.

        Args:
            writer_role_arn: the aggregator's.
            vpc_ids: the networks that both must come from; none lets them come from anywhere.
            courier_role_arn: who takes bundles, and sets them aside.
            operators: ARNs of those who may replay bundles into the mailbox, look at them, take them out, and put what
                was set aside back.
        """
        everything = [self.arn, pulumi.Output.concat(self.arn, "/*")]
        objects, aside = everything[1:], [self._quarantine]
        return self._secure.restrict(
            [
                *deny_outside(vpc_ids, [writer_role_arn, courier_role_arn], self.arn),
                {
                    "Sid": "DenyPutToOthers",
                    "Effect": "Deny",
                    "Principal": "*",
                    "Action": PUT,
                    "NotResource": aside,
                    "Condition": {"ArnNotEquals": {"aws:PrincipalArn": [writer_role_arn, *operators]}},
                },
                deny_to_others("DenySettingAsideToOthers", PUT, aside, [courier_role_arn, *operators]),
                deny_to_others("DenyReadToOthers", READ, objects, [courier_role_arn, *operators]),
                deny_to_others("DenyDeleteToOthers", DELETE, objects, [courier_role_arn, *operators]),
                {
                    "Sid": "DenyAllButItsWorkToTheCourier",
                    "Effect": "Deny",
                    "Principal": "*",
                    "NotAction": [*_COLLECT, "s3:PutObject"],
                    "Resource": everything,
                    "Condition": by(courier_role_arn),
                },
                {
                    "Sid": "DenyWhatIsAsideToTheCourier",
                    "Effect": "Deny",
                    "Principal": "*",
                    "Action": ["s3:GetObject", "s3:DeleteObject"],
                    "Resource": aside,
                    "Condition": by(courier_role_arn),
                },
            ]
        )


def _not_through(endpoint_id: pulumi.Input[str]) -> Condition:
    # Also holds for a request that came through no endpoint at all.
    return {"StringNotEquals": {"aws:SourceVpce": endpoint_id}}
