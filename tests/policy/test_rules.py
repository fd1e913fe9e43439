"""The rules of the policy pack, one by one and over the whole program."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pulumi_aws as aws
import pytest
from harness.policy_examples import EXAMPLES
from harness.recorded_program import EVENTS, EVENTS_ALONE, HTTP, LAKE_ALONE, S3, STACKS, record_program

from policy.rule import Declared
from policy.rules import RULES, violations
from policy.tags import TAGGED

if TYPE_CHECKING:
    from harness.recorded_program import Deployed

# With everything that a private network can have.
FULL = {"baler:onPremisesCidrs": ["10.20.0.0/16"], "baler:vpnGatewayAddress": "8.8.8.8"}
BAD = [(rule, stack) for rule, example in EXAMPLES.items() for stack in example.bad]


def broken(stack: list[Declared]) -> list[str]:
    return [violation.rule for violation in violations(stack, "prod")]


def declared_by(deployed: Deployed) -> list[Declared]:
    """The program's resources as the provider would hand them to the rules: with the stack's default tags."""
    tags: dict[str, Any] = json.loads(deployed.config.get("aws:defaultTags", "{}")).get("tags", {})
    return [
        Declared(
            each.type, each.name, each.urn, {**each.inputs, "tags": tags | each.inputs.get("tags", {})}, each.refers
        )
        for each in deployed.resources
        if each.type.startswith("aws:")
    ]


def test_every_rule_has_examples() -> None:
    assert set(EXAMPLES) == {rule.name for rule in RULES}


@pytest.mark.parametrize("rule", EXAMPLES)
def test_a_stack_that_keeps_a_rule_passes_it(rule: str) -> None:
    assert rule not in broken(EXAMPLES[rule].good)


@pytest.mark.parametrize(("rule", "stack"), BAD, ids=[rule for rule, _ in BAD])
def test_a_stack_that_breaks_a_rule_is_refused(rule: str, stack: list[Declared]) -> None:
    assert broken(stack).count(rule) == 1


def test_only_prod_must_run_its_function_in_the_network_and_only_the_sandbox_needs_no_tags() -> None:
    [function] = EXAMPLES["function-is-private"].bad[0]
    [bucket] = EXAMPLES["tagged"].bad[0]
    assert "function-is-private" not in {v.rule for v in violations([function], "dev")}
    assert "tagged" in {v.rule for v in violations([bucket], "dev")}
    assert "tagged" not in {v.rule for v in violations([bucket], "local")}


@pytest.mark.requirement("PULL-NFR-06", "LAKE-FUTURE-05")
@pytest.mark.parametrize(
    ("stack", "settings"),
    [
        *((stack, {}) for stack in STACKS),
        *((stack, EVENTS_ALONE) for stack in STACKS),
        *((stack, LAKE_ALONE) for stack in STACKS),
        ("prod", FULL),
        ("prod", HTTP),
        ("prod", S3),
        ("prod", EVENTS),
        ("prod", {"baler:filesLandingPrefixes": ["a/", "b/"]}),
    ],
)
def test_the_program_keeps_every_rule(stack: str, settings: dict[str, Any]) -> None:
    found = violations(declared_by(record_program(stack, settings)), stack)
    assert [f"{each.rule}: {each.resource.name}: {each.message}" for each in found] == []


def test_every_type_that_takes_tags_is_known() -> None:
    declared = [
        each for settings in (FULL, HTTP, EVENTS, LAKE_ALONE) for each in record_program("prod", settings).resources
    ]
    types = {each.type for each in declared if each.type.startswith("aws:")}
    assert {token for token in types if hasattr(_class_of(token), "tags")} <= TAGGED


def _class_of(token: str) -> type:
    """Return the class of a type token: `aws:s3/bucket:Bucket` is pulumi_aws.s3.Bucket."""
    _, path, name = token.split(":")
    module = path.partition("/")[0]
    return getattr(getattr(aws, "lambda_" if module == "lambda" else module), name)
