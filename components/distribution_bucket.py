"""The distribution bucket: the mailbox that the on-premises consumer empties."""

import pulumi

from components.policy_document import Statement
from components.secure_bucket import Durability, SecureBucket, SecureBucketArgs


class DistributionBucket(pulumi.ComponentResource):
    """Bundles on their way. Not versioned: what the consumer deletes is gone, the archive has it."""

    def __init__(self, name: str, durability: Durability, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("baler:distribution_bucket:DistributionBucket", name, None, opts)
        secure = SecureBucket(
            name,
            SecureBucketArgs(durability=durability, versioned=False),
            pulumi.ResourceOptions(parent=self),
        )
        self.bucket = secure.bucket
        self.arn = secure.arn
        self._bundles = pulumi.Output.concat(secure.arn, "/bundles/*")
        self.register_outputs({"bucket": self.bucket, "arn": self.arn})

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

    def grant_collect_only(self) -> list[Statement]:
        """List, get and delete bundles, and be refused everything else everywhere."""
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
            {
                "Sid": "DenyAllButCollect",
                "Effect": "Deny",
                "NotAction": ["s3:GetObject", "s3:DeleteObject", "s3:ListBucket"],
                # "Everything else" has no narrower form: a refusal of named resources would leave out the others.
                "Resource": ["*"],
            },
            {
                "Sid": "DenyCollectElsewhere",
                "Effect": "Deny",
                "Action": ["s3:GetObject", "s3:DeleteObject", "s3:ListBucket"],
                "NotResource": [self.arn, self._bundles],
            },
        ]
