"""What requests to STS, IAM, Secrets Manager and Systems Manager need."""

from __future__ import annotations

from typing import TYPE_CHECKING

from baler_iam.access import Access

if TYPE_CHECKING:
    from collections.abc import Iterator

    from baler_iam.access import Call, Resources

# Anybody with credentials may, whatever policies say (STS API reference).
_FREE = ("GetCallerIdentity", "GetSessionToken")
# Condition keys by the parameter that sets them (service authorization reference, "AWS Secrets Manager").
_SECRET_KEYS = {
    "KmsKeyId": "secretsmanager:KmsKeyId",
    "SecretId": "secretsmanager:SecretId",
    "VersionId": "secretsmanager:VersionId",
    "VersionStage": "secretsmanager:VersionStage",
}


def token_accesses(call: Call, resources: Resources) -> Iterator[Access]:
    """Yield what a request to STS needs: a role is a resource whose policy is its trust policy."""
    if call.operation in _FREE:
        return
    parameters = call.parameters
    if call.operation != "AssumeRole":
        yield Access(f"sts:{call.operation}", parameters.get("RoleArn") or "*", call.account)
        return
    arn = parameters["RoleArn"]
    keys = {"sts:RoleSessionName": parameters["RoleSessionName"]}
    if parameters.get("ExternalId"):
        keys["sts:ExternalId"] = parameters["ExternalId"]
    yield Access("sts:AssumeRole", arn, arn.split(":")[4], resources.trust_policy(arn), keys)


def secret_accesses(call: Call, resources: Resources) -> Iterator[Access]:
    """Yield what a request to Secrets Manager needs."""
    named = call.parameters.get("SecretId") or call.parameters.get("Name")
    if not named:
        yield Access(f"secretsmanager:{call.operation}", "*", call.account)
        return
    arn = named if named.startswith("arn:") else call.arn(f"secret:{named}")
    arn, policy = resources.secret(named, call.account, call.region) or (arn, None)
    keys = {key: call.parameters[name] for name, key in _SECRET_KEYS.items() if name in call.parameters}
    yield Access(f"secretsmanager:{call.operation}", arn, call.account, policy, keys)


def parameter_accesses(call: Call, _resources: Resources) -> Iterator[Access]:
    """Yield what a request to Systems Manager's parameters needs: the name's own slash is the one in the ARN."""
    named = call.parameters.get("Name")
    if not named:
        yield Access(f"ssm:{call.operation}", "*", call.account)
        return
    arn = named if named.startswith("arn:") else call.arn(f"parameter/{named.removeprefix('/')}")
    yield Access(f"ssm:{call.operation}", arn, call.account)


def role_accesses(call: Call, _resources: Resources) -> Iterator[Access]:
    """Yield what a request to IAM needs: a role has no path here, and what is about none is about anything."""
    named = call.parameters.get("RoleName")
    yield Access(f"iam:{call.operation}", f"arn:aws:iam::{call.account}:role/{named}" if named else "*", call.account)
