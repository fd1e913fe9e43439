"""All rules, and what they make of the resources of a stack."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from policy import (
    buckets,
    compute,
    credentials,
    documents,
    identities,
    keys,
    network,
    queries,
    queues,
    sites,
    streams,
    tags,
)
from policy.rule import Declared, ResourceRule, StackRule

RULES: Final[tuple[ResourceRule | StackRule, ...]] = (
    *buckets.RULES,
    *queues.RULES,
    *compute.RULES,
    *credentials.RULES,
    *documents.RULES,
    *identities.RULES,
    *keys.RULES,
    *network.RULES,
    *queries.RULES,
    *sites.RULES,
    *streams.RULES,
    *tags.RULES,
)


@dataclass(frozen=True)
class Violation:
    """A resource that breaks a rule."""

    rule: str
    resource: Declared
    message: str


def violations(resources: Sequence[Declared], stack: str) -> Iterator[Violation]:
    """Return what breaks the rules among all resources of a stack."""
    for rule in RULES:
        match rule:
            case ResourceRule():
                for resource in resources:
                    for message in rule.check(resource, stack):
                        yield Violation(rule.name, resource, message)
            case StackRule():
                for resource, message in rule.check(resources):
                    yield Violation(rule.name, resource, message)
