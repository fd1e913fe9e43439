"""Who signed a request, by moto's IAM, in which LocalStack keeps users, roles and sessions."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from localstack.constants import INTERNAL_AWS_ACCESS_KEY_ID
from moto.iam.models import iam_backends
from moto.sts.models import sts_backends

if TYPE_CHECKING:
    from collections.abc import Mapping

# What LocalStack's `MissingAuthHeaderInjector` signs with where nobody did.
_UNSIGNED = "injectedaccesskey"
# The key that deploys: LocalStack's convention, in place of keys of the account's root user.
_ROOT_KEY = "test"
_PARTITION = "aws"
_EVERYTHING = json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]})


@dataclass(frozen=True)
class Principal:
    """Who asks.

    Attributes:
        arn: ARN or service principal; None without credentials.
        identity: the policies attached, as JSON texts.
        context: the condition keys that follow from who it is.
        role_arn: of a session.
        is_root: whether it is the account's root user.
    """

    arn: str | None
    identity: tuple[str, ...] = ()
    context: Mapping[str, str] = field(default_factory=dict)
    role_arn: str | None = None
    is_root: bool = False


class UnknownKeyError(Exception):
    """Nobody's access key."""


def principal_of(access_key: str, account: str, internal: Mapping[str, str] | None) -> Principal | None:
    """Return who signed, or None for LocalStack itself, which then does what AWS does behind its scenes.

    Args:
        access_key: of the signature.
        account: the account of that key, as LocalStack has it.
        internal: what LocalStack says about a call of its own; None for others' requests.

    Raises:
        UnknownKeyError: IAM knows no such key.
    """
    if access_key == _UNSIGNED:
        return Principal(None)
    key = iam_backends[account][_PARTITION].access_keys.get(access_key)
    if key is not None:
        return _user(key, account) if key.user_name else _session(access_key, account)
    if internal is not None and internal.get("service_principal"):
        return _service(internal, account)
    if internal is not None and (access_key == INTERNAL_AWS_ACCESS_KEY_ID or access_key.isdigit()):
        return None
    if access_key == _ROOT_KEY or access_key.isdigit():
        return _root(account)
    raise UnknownKeyError(access_key)


def _root(account: str) -> Principal:
    arn = f"arn:aws:iam::{account}:root"
    return Principal(arn, (_EVERYTHING,), _caller(arn, account, "Account", account), is_root=True)


def _service(internal: Mapping[str, str], account: str) -> Principal:
    context = {"aws:PrincipalIsAWSService": "true", "aws:SourceAccount": account}
    if internal.get("source_arn"):
        context["aws:SourceArn"] = internal["source_arn"]
    return Principal(f"{internal['service_principal']}.amazonaws.com", (), context)


def _user(key: Any, account: str) -> Principal:
    backend = iam_backends[account][_PARTITION]
    user = backend.users[key.user_name]
    documents = _attached(user)
    for group in backend.get_groups_for_user(user.name):
        documents += _attached(group)
    return Principal(user.arn, documents, _caller(user.arn, account, "User", user.id))


def _session(access_key: str, account: str) -> Principal:
    arn, role_arn = _assumed(access_key, account)
    role = role_named(role_arn)
    if role is None:
        raise UnknownKeyError(access_key)  # deleted since
    context = _caller(role_arn, account, "AssumedRole", f"{role.id}:{arn.rpartition('/')[2]}")
    return Principal(arn, _attached(role), context, role_arn)


def role_named(arn: str) -> Any:
    """Return moto's role, or None."""
    roles = iam_backends[arn.split(":")[4]][_PARTITION].roles.values()
    return next((role for role in list(roles) if role.arn == arn), None)


def _attached(owner: Any) -> tuple[str, ...]:
    managed = (
        next(version.document for version in policy.versions if version.is_default_version)
        for policy in owner.managed_policies.values()
    )
    return (*owner.policies.values(), *managed)


def _caller(arn: str, account: str, kind: str, identity: str) -> dict[str, str]:
    return {
        "aws:PrincipalArn": arn,
        "aws:PrincipalAccount": account,
        "aws:PrincipalIsAWSService": "false",
        "aws:PrincipalType": kind,
        "aws:userid": identity,
    }


@lru_cache(maxsize=1024)
def _assumed(access_key: str, account: str) -> tuple[str, str]:
    # A list that grows with every session: looked through once a key.
    for session in reversed(sts_backends[account][_PARTITION].assumed_roles):
        if session.access_key_id == access_key:
            return session.arn, session.role_arn
    raise UnknownKeyError(access_key)
