"""What bucket policies refuse. Principals are told apart by `aws:PrincipalArn`, which for a session is its role's ARN.

A principal that is named as `Principal` must exist when the policy is put, and stops to match when it is made anew.
"""

from collections.abc import Sequence
from typing import Final

import pulumi

from components.blocks.policy_document import Condition, Statement, deny_insecure_transport

PUT: Final = ["s3:PutObject*", "s3:ReplicateObject"]
"""Every way in which an object, or what belongs to it, comes or changes."""

READ: Final = ["s3:GetObject*"]
"""Every way to learn what is in an object or belongs to it."""

DELETE: Final = ["s3:DeleteObject*", "s3:ReplicateDelete"]
"""Every way in which an object goes but its expiry, which no policy is asked for."""

Principals = Sequence[pulumi.Input[str]]


def deny_weak_transport(bucket_arn: pulumi.Input[str]) -> list[Statement]:
    """Refuse everything that comes without TLS 1.2 or newer, whoever asks."""
    resources = [bucket_arn, pulumi.Output.concat(bucket_arn, "/*")]
    return [
        deny_insecure_transport("s3", resources),
        {
            "Sid": "DenyOldTls",
            "Effect": "Deny",
            "Principal": "*",
            # As in DenyInsecureTransport: a refusal must not list what it refuses.
            "Action": ["s3:*"],
            "Resource": resources,
            "Condition": {"NumericLessThan": {"s3:TlsVersion": "1.2"}},
        },
    ]


def deny_to_others(
    sid: str, actions: Sequence[str], objects: Sequence[pulumi.Input[str]], principals: Principals
) -> Statement:
    """Refuse actions to everybody but these principals; to everybody where there are none."""
    refusal = deny_to_all(sid, actions, objects)
    if principals:
        refusal["Condition"] = {"ArnNotEquals": {"aws:PrincipalArn": principals}}
    return refusal


def deny_by(
    sid: str, actions: Sequence[str], objects: Sequence[pulumi.Input[str]], principal: pulumi.Input[str]
) -> Statement:
    """Refuse actions to one principal."""
    refusal = deny_to_all(sid, actions, objects)
    refusal["Condition"] = by(principal)
    return refusal


def deny_to_all(sid: str, actions: Sequence[str], objects: Sequence[pulumi.Input[str]]) -> Statement:
    """Refuse actions to everybody."""
    return {"Sid": sid, "Effect": "Deny", "Principal": "*", "Action": actions, "Resource": objects}


def deny_overwriting(objects: Sequence[pulumi.Input[str]]) -> Statement:
    """Refuse every put that would replace an object, whoever asks."""
    return {
        "Sid": "DenyOverwriting",
        "Effect": "Deny",
        "Principal": "*",
        "Action": ["s3:PutObject"],
        "Resource": objects,
        # As the S3 user guide has it ("Enforce conditional writes on Amazon S3 buckets"): parts of a multipart upload
        # take no condition, and create no object.
        "Condition": {"Null": {"s3:if-none-match": "true"}, "Bool": {"s3:ObjectCreationOperation": "true"}},
    }


def deny_outside(
    vpc_ids: Sequence[pulumi.Input[str]], principal_arn: pulumi.Input[str] | Principals, bucket_arn: pulumi.Input[str]
) -> list[Statement]:
    """Refuse everything to principals that do not come from within one of these networks; nothing without any.

    So their credentials are of no use elsewhere. Endpoints of S3 say which network a request came from.
    """
    if not vpc_ids:
        return []
    return [
        {
            "Sid": "DenyOtherNetworksToTheFunction",
            "Effect": "Deny",
            "Principal": "*",
            "Action": ["s3:*"],
            "Resource": [bucket_arn, pulumi.Output.concat(bucket_arn, "/*")],
            # Also holds for a request that came through no endpoint at all.
            "Condition": {**by(principal_arn), "StringNotEquals": {"aws:SourceVpc": vpc_ids}},
        }
    ]


def by(principal_arn: pulumi.Input[str] | Principals) -> Condition:
    """Return the condition that it is this principal, or one of these, who asks."""
    return {"ArnEquals": {"aws:PrincipalArn": principal_arn}}
