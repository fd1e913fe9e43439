"""Credentials of those who use a deployed stack: each is a session of the role that the party has on AWS."""

from __future__ import annotations

import json
from contextlib import contextmanager, suppress
from secrets import token_hex
from typing import TYPE_CHECKING, Any, Final, Literal

from sandbox.engine.endpoint import PATIENT, Credentials, Endpoint

if TYPE_CHECKING:
    from collections.abc import Generator

    from botocore.config import Config
    from mypy_boto3_iam import IAMClient

    from sandbox.deployed import DeployedStack

Party = Literal["consumer", "external-party", "producer", "operator"]

_OPERATOR_ROLE: Final = "operator"
_ROLES: Final[dict[Party, str]] = {
    "consumer": "filesConsumerRoleArn",
    "external-party": "filesExternalPartyRoleArn",
    "producer": "eventsProducerRoleArn",
}
"""The outputs that name the roles."""


def parties_of(deployed: DeployedStack) -> list[Party]:
    """Return who uses a stack, the operator first."""
    return ["operator", *(party for party, output in _ROLES.items() if output in deployed.outputs)]


def environment_of(deployed: DeployedStack, party: Party) -> dict[str, str]:
    """Return the environment by which any AWS tool reaches a stack on LocalStack as that party."""
    credentials = credentials_of(deployed, party)
    return {
        "AWS_ENDPOINT_URL": deployed.endpoint,
        "AWS_DEFAULT_REGION": deployed.region,
        # Goes before the other for everything but boto3.
        "AWS_REGION": deployed.region,
        **credentials.environment(),
    }


def endpoint_of(deployed: DeployedStack, party: Party, patience: Config = PATIENT) -> Endpoint:
    """Return clients that sign as that party."""
    return Endpoint(deployed.endpoint, deployed.region, credentials_of(deployed, party), patience)


def credentials_of(deployed: DeployedStack, party: Party, *, external_id: str | None = None) -> Credentials:
    """Assume a party's role.

    Args:
        deployed: the stack.
        party: whose role.
        external_id: what the caller names; None names nothing.

    Raises:
        ClientError: the role does not let it.
    """
    root = Endpoint(deployed.endpoint, deployed.region)
    return assumed_role(root, _role_arn(deployed, party, root.iam), session=party, external_id=external_id)


def assumed_role(root: Endpoint, role_arn: str, *, session: str, external_id: str | None = None) -> Credentials:
    """Assume a role as a user of the account who may do nothing else.

    Args:
        root: clients of somebody who may make users.
        role_arn: the role.
        session: what to call the session.
        external_id: what the caller names; None names nothing.

    Raises:
        ClientError: the role does not let it.
    """
    named: Any = {"ExternalId": external_id} if external_id is not None else {}
    with _caller_of(role_arn, root.iam) as key:
        sts = Endpoint(root.url, root.region, key).sts
        made = sts.assume_role(RoleArn=role_arn, RoleSessionName=session, **named)["Credentials"]
    return Credentials(made["AccessKeyId"], made["SecretAccessKey"], made["SessionToken"])


def _role_arn(deployed: DeployedStack, party: Party, iam: IAMClient) -> str:
    return _operator_role(iam) if party == "operator" else deployed.outputs[_ROLES[party]]


def _operator_role(iam: IAMClient) -> str:
    """Return the role that Pulumi.local.yaml names; as on AWS, it is none of the program's."""
    trust = _policy("sts:AssumeRole", Principal={"AWS": "arn:aws:iam::000000000000:root"})
    with suppress(iam.exceptions.EntityAlreadyExistsException):
        iam.create_role(RoleName=_OPERATOR_ROLE, AssumeRolePolicyDocument=trust)
    iam.put_role_policy(RoleName=_OPERATOR_ROLE, PolicyName="administrator", PolicyDocument=_policy("*", Resource="*"))
    return iam.get_role(RoleName=_OPERATOR_ROLE)["Role"]["Arn"]


@contextmanager
def _caller_of(role_arn: str, iam: IAMClient) -> Generator[Credentials]:
    """Make a user for the length of the block. AWS lets no root user assume a role."""
    name = f"caller-{token_hex(6)}"
    iam.create_user(UserName=name)
    iam.put_user_policy(UserName=name, PolicyName=name, PolicyDocument=_policy("sts:AssumeRole", Resource=role_arn))
    key = iam.create_access_key(UserName=name)["AccessKey"]
    try:
        yield Credentials(key["AccessKeyId"], key["SecretAccessKey"])
    finally:
        iam.delete_access_key(UserName=name, AccessKeyId=key["AccessKeyId"])
        iam.delete_user_policy(UserName=name, PolicyName=name)
        iam.delete_user(UserName=name)


def _policy(action: str, **element: Any) -> str:
    statement = {"Effect": "Allow", "Action": action, **element}
    return json.dumps({"Version": "2012-10-17", "Statement": [statement]})
