"""What a request needs to be allowed."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping

    ContextKeys = Mapping[str, str | tuple[str, ...]]


class UnknownActionError(Exception):
    """Nobody knows which permissions a request needs; the message says what to do about it."""


@dataclass(frozen=True)
class Access:
    """One action on one resource.

    Attributes:
        action: as policies name it, `s3:GetObject`.
        resource: ARN, or "*" for an action that has no resources.
        account: that owns the resource.
        policy: JSON text of the resource's own policy; None where it has none.
        keys: condition keys that the request sets.
    """

    action: str
    resource: str
    account: str
    policy: str | None = None
    keys: ContextKeys = field(default_factory=dict)


@dataclass(frozen=True)
class Call:
    """A parsed request.

    Attributes:
        service: as botocore names it, `cloudwatch` and not `monitoring`.
        operation: of the service's API.
        parameters: those that the client sent.
        account: of the sender.
        region: that it was sent to.
    """

    service: str
    operation: str
    parameters: Mapping[str, Any]
    account: str
    region: str

    def arn(self, resource: str, service: str | None = None) -> str:
        """Return the ARN of a resource of the caller's account in the region."""
        return f"arn:aws:{service or self.service}:{self.region}:{self.account}:{resource}"


class Owned(NamedTuple):
    """A resource that exists."""

    account: str
    policy: str | None


class Resources(Protocol):
    """What there is on the LocalStack; None, or False, for what there is not."""

    def bucket(self, name: str, /) -> Owned | None:
        """Return a bucket of any account."""
        ...

    def has_object(self, bucket: str, key: str, version: str | None, /) -> bool:
        """Tell whether a GetObject would find something: a delete marker is nothing."""
        ...

    def queue_policy(self, arn: str, /) -> str | None:
        """Return a queue's policy."""
        ...

    def topic_policy(self, arn: str, /) -> str | None:
        """Return a topic's policy."""
        ...

    def topic_key(self, arn: str, /) -> str | None:
        """Return the KMS key that encrypts a topic, as it was named: by id, ARN or alias."""
        ...

    def key(self, named: str, account: str, region: str, /) -> tuple[str, str] | None:
        """Return ARN and policy of a KMS key, named by id, ARN or alias."""
        ...

    def secret(self, named: str, account: str, region: str, /) -> tuple[str, str | None] | None:
        """Return ARN and policy of a secret, named by name or ARN."""
        ...

    def function_policy(self, arn: str, /) -> str | None:
        """Return the policy of a function, version or alias by its ARN, qualifier and all."""
        ...

    def function_of_mapping(self, uuid: str, account: str, region: str, /) -> str | None:
        """Return the ARN of the function that an event source mapping invokes."""
        ...

    def trust_policy(self, role_arn: str, /) -> str | None:
        """Return who may assume a role."""
        ...

    def partition_key(self, table_arn: str, /) -> str | None:
        """Return the name of a table's partition key."""
        ...

    def stream_key(self, arn: str, /) -> str | None:
        """Return the KMS key that encrypts a stream, as it was named: by id, ARN or alias."""
        ...
