"""A bucket of which S3 keeps a second copy, as the rules and the role of the copying see it."""

from collections.abc import Sequence
from dataclasses import dataclass

import pulumi

from components.blocks.policy_document import Statement


@dataclass(frozen=True, kw_only=True)
class ReplicatedBucket:
    """What is copied of a bucket."""

    name: str
    """Logical name, which the bucket's one replication configuration gets too."""

    what: str
    """What is in it, as a Sid has it: "RawEvents"."""

    bucket: pulumi.Output[str]
    arn: pulumi.Output[str]
    prefixes: Sequence[str]
    """What the keys of the copied objects begin with."""

    versioned: Sequence[pulumi.Resource]
    """What must be there before: S3 copies versions."""

    def grant_replicate(self) -> list[Statement]:
        """Read versions to copy them, and what the bucket's rules say."""
        return [
            {
                "Sid": f"FindWhatIsCopiedOf{self.what}",
                "Effect": "Allow",
                "Action": ["s3:GetReplicationConfiguration", "s3:ListBucket"],
                "Resource": [self.arn],
            },
            {
                "Sid": f"ReadWhatIsCopiedOf{self.what}",
                "Effect": "Allow",
                "Action": ["s3:GetObjectVersionForReplication", "s3:GetObjectVersionAcl", "s3:GetObjectVersionTagging"],
                "Resource": [pulumi.Output.concat(self.arn, f"/{prefix}*") for prefix in self.prefixes],
            },
        ]
