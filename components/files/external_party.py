"""The role that the external party assumes to put files."""

from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.blocks.policy_document import Statement, policy_document
from components.files.landing_bucket import LandingBucket, Upload


@dataclass(frozen=True, kw_only=True)
class ExternalPartyArgs:
    """Who the external party is, and what it may do."""

    landing: LandingBucket
    principal_arn: pulumi.Input[str]
    """The role, user or account root in the external party's account that may assume this role."""

    external_id: pulumi.Input[str]
    """What it must name when it assumes the role; empty asks for nothing."""

    upload: Upload


class ExternalParty(pulumi.ComponentResource):
    """A role that can put files under its prefix of the landing bucket, from known networks, and do nothing else."""

    def __init__(self, name: str, args: ExternalPartyArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("baler:external_party:ExternalParty", name, None, opts)
        role = aws.iam.Role(
            name,
            description="Assumed by the external party, to put files into the landing bucket.",
            assume_role_policy=policy_document([_trust(args)]),
            opts=pulumi.ResourceOptions(parent=self),
        )
        aws.iam.RolePolicy(
            name,
            role=role.name,
            policy=policy_document(args.landing.grant_put_only(args.upload)),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.role_arn: pulumi.Output[str] = role.arn
        self.role_name = role.name
        self.register_outputs({"role_arn": self.role_arn})


def _trust(args: ExternalPartyArgs) -> Statement:
    trust: Statement = {
        "Sid": "TrustTheExternalParty",
        "Effect": "Allow",
        "Principal": {"AWS": args.principal_arn},
        "Action": ["sts:AssumeRole"],
    }
    if args.external_id:
        trust["Condition"] = {"StringEquals": {"sts:ExternalId": args.external_id}}
    return trust
