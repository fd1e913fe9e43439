"""The policy pack: `pulumi preview --policy-pack policy` refuses a stack that breaks a rule."""

from collections.abc import Callable

import pulumi
from pulumi_policy import (
    EnforcementLevel,
    Policy,
    PolicyPack,
    PolicyResource,
    ReportViolation,
    ResourceValidationArgs,
    ResourceValidationPolicy,
    StackValidationArgs,
    StackValidationPolicy,
)

from policy.rule import Declared, ResourceRule, StackRule
from policy.rules import RULES


def _policy(rule: ResourceRule | StackRule) -> Policy:
    match rule:
        case ResourceRule():
            return ResourceValidationPolicy(rule.name, rule.description, _resource_validation(rule))
        case StackRule():
            return StackValidationPolicy(rule.name, rule.description, _stack_validation(rule))


def _resource_validation(rule: ResourceRule) -> Callable[[ResourceValidationArgs, ReportViolation], None]:
    def validate(args: ResourceValidationArgs, report_violation: ReportViolation) -> None:
        declared = Declared(args.resource_type, args.name, args.urn, args.props, {})
        for message in rule.check(declared, pulumi.get_stack()):
            report_violation(message, None)

    return validate


def _stack_validation(rule: StackRule) -> Callable[[StackValidationArgs, ReportViolation], None]:
    def validate(args: StackValidationArgs, report_violation: ReportViolation) -> None:
        for resource, message in rule.check([_declared(resource) for resource in args.resources]):
            report_violation(message, resource.urn)

    return validate


def _declared(resource: PolicyResource) -> Declared:
    refers = {name: tuple(other.urn for other in others) for name, others in resource.property_dependencies.items()}
    return Declared(resource.resource_type, resource.name, resource.urn, resource.props, refers)


PolicyPack("baler", [_policy(rule) for rule in RULES], EnforcementLevel.MANDATORY)
