"""A rule that invokes a function by the clock."""

import pulumi
import pulumi_aws as aws


class Schedule(pulumi.ComponentResource):
    """A rule with a function as its only target, and the permission that the rule alone may invoke it."""

    def __init__(self, name: str, function: aws.lambda_.Function, *, rate: str, owner: pulumi.Resource) -> None:
        """Declare it.

        Args:
            name: logical name.
            function: what is invoked.
            rate: how often, as EventBridge writes it: "rate(1 minute)".
            owner: what the schedule is a part of.
        """
        super().__init__("baler:schedule:Schedule", name, None, pulumi.ResourceOptions(parent=owner))
        # In stacks that were deployed before, the monitor's schedule is the monitor's own. Made anew, the rule would be
        # deleted under the name that it was just made with.
        child = pulumi.ResourceOptions(parent=self, aliases=[pulumi.Alias(parent=owner)])
        # A random suffix would make the name too long for the longest name of a stack.
        rule = aws.cloudwatch.EventRule(
            name, name=name, description=f"Invokes {name}.", schedule_expression=rate, opts=child
        )
        permission = aws.lambda_.Permission(
            name,
            function=function.name,
            action="lambda:InvokeFunction",
            principal="events.amazonaws.com",
            source_arn=rule.arn,
            opts=child,
        )
        aws.cloudwatch.EventTarget(
            name,
            rule=rule.name,
            arn=function.arn,
            opts=pulumi.ResourceOptions.merge(child, pulumi.ResourceOptions(depends_on=[permission])),
        )
        self.register_outputs({})
