"""The claim table: who bundles which file, and which bundle is done."""

import pulumi
import pulumi_aws as aws

from components.policy_document import Statement


class ClaimTable(pulumi.ComponentResource):
    """Claims and bundle records under one partition key, paid by request, recoverable to any second."""

    def __init__(self, name: str, *, deletion_protection: bool, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("baler:claim_table:ClaimTable", name, None, opts)
        table = aws.dynamodb.Table(
            name,
            billing_mode="PAY_PER_REQUEST",
            hash_key="pk",
            attributes=[aws.dynamodb.TableAttributeArgs(name="pk", type="S")],
            ttl=aws.dynamodb.TableTtlArgs(attribute_name="expires_at", enabled=True),
            point_in_time_recovery=aws.dynamodb.TablePointInTimeRecoveryArgs(enabled=True),
            # AWS's own, which also stops whoever does not come by way of Pulumi.
            deletion_protection_enabled=deletion_protection,
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.table: pulumi.Output[str] = table.name
        self.arn: pulumi.Output[str] = table.arn
        self.register_outputs({"table": self.table, "arn": self.arn})

    def grant_claim(self) -> list[Statement]:
        """Make, look up and give back claims, one item at a time."""
        return [
            {
                "Sid": "ClaimFiles",
                "Effect": "Allow",
                "Action": ["dynamodb:PutItem", "dynamodb:GetItem"],
                "Resource": [self.arn],
            }
        ]
