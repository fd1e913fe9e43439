"""Rules that invoke something by the clock."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sandbox.engine.errors import CreationError
from sandbox.engine.naming import physical_name
from sandbox.engine.resources.creation import Created, Creation
from sandbox.engine.resources.tags import tag_list

if TYPE_CHECKING:
    from sandbox.engine.endpoint import Endpoint
    from sandbox.engine.inputs import Inputs


def rule(name: str, inputs: Inputs) -> Creation:
    """Create a rule on the default bus."""
    rule_name = physical_name(name, inputs, longest=64)
    definition = inputs.renamed(description="Description", scheduleExpression="ScheduleExpression", state="State")
    tags = inputs.take("tags", {})

    def create(aws: Endpoint) -> Created:
        arn = aws.events.put_rule(Name=rule_name, Tags=tag_list(tags), **definition)["RuleArn"]
        return Created(rule_name, {"name": rule_name, "arn": arn, "tagsAll": tags})

    return create


def target(name: str, inputs: Inputs) -> Creation:
    """Let a rule invoke something."""
    target_id = physical_name(name, inputs, longest=64, named_by="targetId")
    rule_name = inputs.take("rule")
    arn = inputs.take("arn")

    def create(aws: Endpoint) -> Created:
        answer = aws.events.put_targets(Rule=rule_name, Targets=[{"Id": target_id, "Arn": arn}])
        # The call succeeds where the target was refused.
        for refused in answer["FailedEntries"]:
            raise CreationError(f"{arn} is no target of the rule {rule_name}: {refused.get('ErrorMessage')}")
        return Created(f"{rule_name}-{target_id}", {"targetId": target_id})

    return create
