"""IAM policies in AWS's own words, typed."""

from collections.abc import Mapping, Sequence
from typing import Literal, Required, TypedDict

import pulumi

Condition = Mapping[str, Mapping[str, pulumi.Input[str] | Sequence[pulumi.Input[str]]]]


class Statement(TypedDict, total=False):
    """One statement of a policy. Values may be outputs.

    Components return these from their `grant_` methods; the owner of a role collects them into its one policy.
    """

    Sid: Required[str]
    Effect: Required[Literal["Allow", "Deny"]]
    Principal: str | Mapping[str, pulumi.Input[str]]
    Action: Sequence[str]
    NotAction: Sequence[str]
    Resource: Sequence[pulumi.Input[str]]
    NotResource: Sequence[pulumi.Input[str]]
    Condition: Condition


def policy_document(statements: Sequence[Statement]) -> pulumi.Output[str]:
    """Return the JSON of a policy with these statements."""
    return pulumi.Output.json_dumps({"Version": "2012-10-17", "Statement": list(statements)})


def deny_insecure_transport(service: str, resources: Sequence[pulumi.Input[str]]) -> Statement:
    """Refuse every request without TLS, whoever makes it; `service` is the actions' prefix, "s3" for example.

    All actions are meant: a refusal that listed them would let the next new action through.
    """
    return {
        "Sid": "DenyInsecureTransport",
        "Effect": "Deny",
        "Principal": "*",
        "Action": [f"{service}:*"],
        "Resource": resources,
        "Condition": {"Bool": {"aws:SecureTransport": "false"}},
    }
