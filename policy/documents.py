"""Rules about IAM documents: what an allowance may not say, whoever gets it."""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Final, cast

from policy.rule import Declared, ResourceRule

# Actions for which the service authorization reference names no resource, so that "*" is all that can be said.
_WITHOUT_RESOURCE: Final = {
    "ec2:DescribeNetworkInterfaces",
    "ec2:DescribeSecurityGroups",
    "ec2:DescribeSubnets",
    "ec2:DescribeVpcs",
    "logs:DescribeLogGroups",
    "xray:PutTelemetryRecords",
    "xray:PutTraceSegments",
}
# In its policy "*" is the key itself (KMS developer guide, "Key policies", Resource).
_KEY: Final = ("aws:kms/key:Key", "aws:kms/keyPolicy:KeyPolicy")
# Conditions that say who may come where the principal does not.
_SAY_WHO: Final = {"aws:principalarn", "aws:principalaccount", "aws:principalorgid"}
_SAY_FOR_WHOM: Final = {"aws:sourcearn", "aws:sourceaccount"}
# The one service that AWS has asked for by ARN alone, which holds the account (CloudFront developer guide, "Restrict
# access to an Amazon S3 origin"). Whether it sends an account besides is not said: if not, to ask would refuse it.
_WITHOUT_ACCOUNT: Final = "cloudfront.amazonaws.com"
_OF_ONE_DISTRIBUTION: Final = re.compile(r"arn:aws(-[a-z]+)*:cloudfront::\d{12}:distribution/[\w-]+", re.ASCII)


def statements(declared: Declared, key: str = "policy") -> list[Mapping[str, Any]]:
    """Return the statements of the document in a property, none where there is no document."""
    text = declared.props.get(key)
    if not isinstance(text, str) or "Statement" not in text:
        return []
    found: Any = json.loads(text)["Statement"]
    return cast("list[Mapping[str, Any]]", [found] if isinstance(found, dict) else found)


def listed(statement: Mapping[str, Any], key: str) -> list[str]:
    """Return an element of a statement as the list that it stands for."""
    value = statement.get(key, [])
    return [value] if isinstance(value, str) else value


def condition_keys(statement: Mapping[str, Any]) -> set[str]:
    """Return the keys that a statement's conditions look at, in lower case: IAM takes them in any."""
    return {key.lower() for keys in statement.get("Condition", {}).values() for key in keys}


def _allowances(declared: Declared) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for key in ("policy", "assumeRolePolicy"):
        for statement in statements(declared, key):
            if statement["Effect"] == "Allow":
                yield str(statement.get("Sid", "a statement without a Sid")), statement


def _wildcard_actions(declared: Declared, _stack: str) -> Iterator[str]:
    for sid, statement in _allowances(declared):
        if "NotAction" in statement:
            yield f"{sid} allows every action but some: name the actions."
        for action in listed(statement, "Action"):
            if "*" in action:
                yield f"{sid} allows {action}: name the actions."


def _wildcard_resources(declared: Declared, _stack: str) -> Iterator[str]:
    if declared.type in _KEY:
        return
    for sid, statement in _allowances(declared):
        if "NotResource" in statement:
            yield f"{sid} allows it on every resource but some: name the resources."
        for resource in listed(statement, "Resource"):
            if resource == "*":
                if set(listed(statement, "Action")) - _WITHOUT_RESOURCE:
                    yield f"{sid} allows it on every resource: name the resources."
            # The objects of a bucket, the streams of a log: what lies in one named thing.
            elif "*" in resource.removesuffix("/*").removesuffix(":*"):
                yield f"{sid} allows it on {resource}: only the last part of an ARN may be a wildcard."


def _unnamed_principals(declared: Declared, _stack: str) -> Iterator[str]:
    for sid, statement in _allowances(declared):
        everybody = "*" in _principals(statement, "AWS")
        if (everybody and not condition_keys(statement) & _SAY_WHO) or "NotPrincipal" in statement:
            yield f"{sid} allows it to everybody: name the principal, or its account in a condition."


def _confused_deputies(declared: Declared, _stack: str) -> Iterator[str]:
    for statement in statements(declared):
        services = [service for service in _principals(statement, "Service") if service != "*"]
        if services == [_WITHOUT_ACCOUNT] and _is_for_one_distribution(statement):
            continue
        if statement["Effect"] == "Allow" and services and _SAY_FOR_WHOM - condition_keys(statement):
            yield (
                f"{statement.get('Sid')} lets {services[0]} in for anybody's resources: "
                "ask for aws:SourceArn and aws:SourceAccount."
            )


def _is_for_one_distribution(statement: Mapping[str, Any]) -> bool:
    arns = [
        arn
        for operator, keys in statement.get("Condition", {}).items()
        for key in keys
        if operator in ("ArnEquals", "StringEquals") and key.lower() == "aws:sourcearn"
        for arn in listed(keys, key)
    ]
    return bool(arns) and all(_OF_ONE_DISTRIBUTION.fullmatch(arn) for arn in arns)


def _principals(statement: Mapping[str, Any], kind: str) -> list[str]:
    """Return the principals of a kind; "*" alone stands for those of every kind."""
    principal = statement.get("Principal", {})
    return [principal] if isinstance(principal, str) else listed(cast("Mapping[str, Any]", principal), kind)


RULES: Final = (
    ResourceRule("no-wildcard-action", "An allowance names its actions.", _wildcard_actions),
    ResourceRule("no-wildcard-resource", "An allowance names its resources.", _wildcard_resources),
    ResourceRule("no-unnamed-principal", "An allowance names who gets it.", _unnamed_principals),
    ResourceRule(
        "no-confused-deputy", "A service is let in only for a resource and account that we name.", _confused_deputies
    ),
)
