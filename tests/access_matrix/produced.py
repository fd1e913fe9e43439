"""The policies that a run of the program produced, by what they are attached to."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from collections.abc import Mapping

    from harness.recorded_program import Deployed, Resource

_ATTACHED_BY: Final = {
    "aws:iam/rolePolicy:RolePolicy": ("identity", "role"),
    "aws:kms/keyPolicy:KeyPolicy": ("key", "keyId"),
    "aws:s3/bucketPolicy:BucketPolicy": ("bucket", "bucket"),
    "aws:secretsmanager/secretPolicy:SecretPolicy": ("secret", "secretArn"),
    "aws:sns/topicPolicy:TopicPolicy": ("topic", "arn"),
    "aws:sqs/queuePolicy:QueuePolicy": ("queue", "queueUrl"),
}
"""For each type whose `policy` belongs to another resource: what to call it, and the input that names the other."""

_OWN: Final = {
    ("aws:iam/role:Role", "assumeRolePolicy"): "trust",
    ("aws:kms/key:Key", "policy"): "key",
    ("aws:ec2/vpcEndpoint:VpcEndpoint", "policy"): "endpoint",
}
"""What to call the documents of a resource itself, by its type and the input."""


class UnknownPolicyError(Exception):
    """The program declares a policy that nobody here would attach to anything, so that no row could notice it."""


@dataclass(frozen=True)
class Produced:
    """Documents by kind and part: `identity files-aggregator` or `endpoint function-access-s3`, for example."""

    documents: Mapping[str, Any]

    def named(self, kind: str, part: str) -> str | None:
        """Return the name of a part's document, or None where the part has none of that kind."""
        name = f"{kind} {part}"
        return name if name in self.documents else None


def produced_policies(deployed: Deployed) -> Produced:
    """Collect every policy that the program declared.

    Raises:
        UnknownPolicyError: one of them is on a resource of a type that is not known here.
    """
    by_urn = {resource.urn: resource for resource in deployed.resources}
    documents: dict[str, Any] = {}
    for resource in deployed.resources:
        for key, document in _documents_in(resource).items():
            name = _name(deployed, resource, key, by_urn)
            if name in documents:
                raise UnknownPolicyError(f"There are two documents called {name!r}: one would overwrite the other.")
            documents[name] = document
    return Produced(documents)


def _documents_in(resource: Resource) -> dict[str, Any]:
    """Return the inputs that are IAM documents."""
    found: dict[str, Any] = {}
    for key, value in resource.inputs.items():
        if isinstance(value, str) and value.startswith("{"):
            document = json.loads(value)
            if "Statement" in document:
                found[key] = document
    return found


def _name(deployed: Deployed, resource: Resource, key: str, by_urn: Mapping[str, Resource]) -> str:
    if (resource.type, key) in _OWN:
        return f"{_OWN[resource.type, key]} {_part(deployed, resource)}"
    if resource.type not in _ATTACHED_BY or key != "policy":
        raise UnknownPolicyError(
            f"{resource.type} has a document in {key!r}: say in {__name__} what it is attached to."
        )
    kind, names_owner = _ATTACHED_BY[resource.type]
    (owner,) = resource.refers[names_owner]
    return f"{kind} {_part(deployed, by_urn[owner])}"


def _part(deployed: Deployed, resource: Resource) -> str:
    """Return what the stack calls the part that a resource is, `files-landing` for example."""
    return resource.name.removeprefix(f"baler-{deployed.stack}-")
