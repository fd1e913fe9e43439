"""The key that encrypts the stream, and who may use it for what."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import pulumi
import pulumi_aws as aws

from components.blocks.policy_document import Condition, Statement, policy_document

_DELETION_DAYS: Final = 30

# All that configures the key, and nothing that reads or writes what it encrypts.
_ADMINISTER: Final = (
    "kms:CancelKeyDeletion",
    "kms:DescribeKey",
    "kms:DisableKey",
    "kms:EnableKey",
    "kms:EnableKeyRotation",
    "kms:GetKeyPolicy",
    "kms:GetKeyRotationStatus",
    "kms:ListGrants",
    "kms:ListKeyPolicies",
    "kms:ListKeyRotations",
    "kms:ListResourceTags",
    "kms:PutKeyPolicy",
    "kms:RevokeGrant",
    "kms:RotateKeyOnDemand",
    "kms:ScheduleKeyDeletion",
    "kms:TagResource",
    "kms:UntagResource",
    "kms:UpdateKeyDescription",
)


@dataclass(frozen=True, kw_only=True)
class KeyUsers:
    """Who writes to the stream and who reads from it: ARNs of roles."""

    writers: Sequence[pulumi.Input[str]]
    readers: Sequence[pulumi.Input[str]]


class StreamKey(pulumi.ComponentResource):
    """A key of the stack's own, so that reading the stream is this pipeline's to grant; a new one every year."""

    def __init__(
        self,
        name: str,
        *,
        region: pulumi.Input[str],
        account: pulumi.Input[str],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        super().__init__("baler:stream_key:StreamKey", name, None, opts)
        self._name = name
        self._region = region
        self._account = account
        # Its policy comes when the roles that it names are there.
        key = aws.kms.Key(
            name,
            description="Encrypts the records of the event stream.",
            enable_key_rotation=True,
            deletion_window_in_days=_DELETION_DAYS,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.arn: pulumi.Output[str] = key.arn
        self._id: pulumi.Output[str] = key.key_id
        self.register_outputs({"arn": self.arn})

    def grant_encrypt(self) -> list[Statement]:
        """Put records: Kinesis asks for a data key in the caller's name."""
        return [self._grant("EncryptRecords", ["kms:GenerateDataKey"])]

    def grant_decrypt(self) -> list[Statement]:
        """Read records: Kinesis decrypts them in the caller's name."""
        return [self._grant("DecryptRecords", ["kms:Decrypt"])]

    def restrict(self, users: KeyUsers, *, stream_arn: pulumi.Input[str]) -> aws.kms.KeyPolicy:
        """Make the key's one policy: the account configures it, and these roles alone use it, by way of the stream.

        Nobody else's policy counts: a key is its policy's alone to grant (KMS developer guide, "Key policies"). Who
        administers may change it back, which is seen.
        """
        root = pulumi.Output.concat("arn:aws:iam::", self._account, ":root")
        statements: list[Statement] = [
            {
                "Sid": "AdministerKey",
                "Effect": "Allow",
                "Principal": {"AWS": root},
                "Action": _ADMINISTER,
                "Resource": ["*"],
            },
            self._use("EncryptRecords", "kms:GenerateDataKey", root, users.writers, stream_arn),
            self._use("DecryptRecords", "kms:Decrypt", root, users.readers, stream_arn),
        ]
        return aws.kms.KeyPolicy(
            self._name,
            key_id=self._id,
            policy=policy_document(statements),
            opts=pulumi.ResourceOptions(parent=self),
        )

    def _use(
        self,
        sid: str,
        action: str,
        root: pulumi.Output[str],
        roles: Sequence[pulumi.Input[str]],
        stream_arn: pulumi.Input[str],
    ) -> Statement:
        # By a condition, not as principals: a role that is made anew would no longer be the one that is meant.
        condition: Condition = {
            "ArnEquals": {"aws:PrincipalArn": roles},
            "StringEquals": {
                "kms:ViaService": pulumi.Output.concat("kinesis.", self._region, ".amazonaws.com"),
                # What Kinesis says of what it encrypts (Kinesis developer guide, "Data protection").
                "kms:EncryptionContext:aws:kinesis:arn": stream_arn,
            },
        }
        return {
            "Sid": sid,
            "Effect": "Allow",
            "Principal": {"AWS": root},
            "Action": [action],
            "Resource": ["*"],
            "Condition": condition,
        }

    def _grant(self, sid: str, actions: list[str]) -> Statement:
        return {
            "Sid": sid,
            "Effect": "Allow",
            "Action": actions,
            "Resource": [self.arn],
            "Condition": {
                "StringEquals": {"kms:ViaService": pulumi.Output.concat("kinesis.", self._region, ".amazonaws.com")}
            },
        }
