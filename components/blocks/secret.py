"""A secret of AWS Secrets Manager whose value the program never knows."""

from collections.abc import Sequence
from typing import Final

import pulumi
import pulumi_aws as aws

from components.blocks.bucket_policy import by
from components.blocks.policy_document import Statement, policy_document

_READ: Final = "secretsmanager:GetSecretValue"
# The longest that Secrets Manager has (API reference, DeleteSecret).
_RECOVERY_DAYS: Final = 30


class Secret(pulumi.ComponentResource):
    """A secret without a value: people put it in, by a way that leads past Pulumi, so that no state ever has it.

    It is encrypted with the account's key for Secrets Manager, and comes back for 30 days after it was deleted.
    """

    def __init__(self, name: str, *, description: str, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("baler:secret:Secret", name, None, opts)
        self._name = name
        secret = aws.secretsmanager.Secret(
            name,
            description=description,
            recovery_window_in_days=_RECOVERY_DAYS,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.arn: pulumi.Output[str] = secret.arn
        self.register_outputs({"arn": self.arn})

    def grant_read(self) -> list[Statement]:
        """Read the value, in all its versions."""
        return [{"Sid": "ReadSecret", "Effect": "Allow", "Action": [_READ], "Resource": [self.arn]}]

    def restrict(
        self, *, reader_role_arn: pulumi.Input[str], vpc_ids: Sequence[pulumi.Input[str]]
    ) -> aws.secretsmanager.SecretPolicy:
        """Make the secret's one policy: one role reads it, and may do nothing else with it. Call it once.

        Nobody else reads it, operators and administrators included: whoever puts a value knows it. Who may put one is
        a matter of the account's own roles, as for everything that configures: a mistake can be taken back.

        Args:
            reader_role_arn: who reads.
            vpc_ids: the networks that it must come from; none lets it come from anywhere.
        """
        refusals: list[Statement] = [
            {
                "Sid": "DenyReadToOthers",
                "Effect": "Deny",
                "Principal": "*",
                "Action": [_READ],
                "Resource": [self.arn],
                "Condition": {"ArnNotEquals": {"aws:PrincipalArn": reader_role_arn}},
            },
            {
                "Sid": "DenyAllButReadToTheReader",
                "Effect": "Deny",
                "Principal": "*",
                "NotAction": [_READ],
                "Resource": [self.arn],
                "Condition": by(reader_role_arn),
            },
        ]
        if vpc_ids:
            refusals.append(
                {
                    "Sid": "DenyOtherNetworks",
                    "Effect": "Deny",
                    "Principal": "*",
                    "Action": [_READ],
                    "Resource": [self.arn],
                    # Also holds for a request that came through no endpoint at all.
                    "Condition": {"StringNotEquals": {"aws:SourceVpc": vpc_ids}},
                }
            )
        return aws.secretsmanager.SecretPolicy(
            self._name,
            secret_arn=self.arn,
            policy=policy_document(refusals),
            block_public_policy=True,
            opts=pulumi.ResourceOptions(parent=self),
        )
