"""A rule that invokes a function by the clock."""

import pulumi
import pulumi_aws as aws

from components.blocks.function import Function, FunctionAlias


class Schedule(pulumi.ComponentResource):
    """A rule with a function as its only target, and the permission that the rule alone may invoke it."""

    def __init__(
        self,
        name: str,
        invoked: Function | FunctionAlias,
        *,
        rate: str,
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare it.

        Args:
            name: logical name.
            invoked: a function, or the alias of one that has versions.
            rate: how often, as EventBridge writes it: "rate(1 minute)".
            opts: options of the component.
        """
        super().__init__("baler:schedule:Schedule", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        # Runbooks name a rule as its function, so it has no random suffix either.
        rule = aws.cloudwatch.EventRule(
            name, name=name, description=f"Invokes {name}.", schedule_expression=rate, opts=child
        )
        alias = invoked if isinstance(invoked, FunctionAlias) else None
        permission = aws.lambda_.Permission(
            name,
            function=alias.function if alias else invoked.name,
            qualifier=alias.name if alias else None,
            action="lambda:InvokeFunction",
            principal="events.amazonaws.com",
            source_arn=rule.arn,
            opts=child,
        )
        aws.cloudwatch.EventTarget(
            name,
            rule=rule.name,
            arn=invoked.arn,
            opts=pulumi.ResourceOptions(parent=self, depends_on=[permission]),
        )
        self.rule: pulumi.Output[str] = rule.name
        self.register_outputs({"rule": self.rule})
