"""What a stack says of itself to the `baler` command, in one parameter of Systems Manager."""

import json
from collections.abc import Mapping
from typing import Any

import pulumi
import pulumi_aws as aws


def parameter_name(stack: str) -> str:
    """Return what the parameter of a stack is called; the command looks for it by this name (baler/cli/stack.py)."""
    return f"/baler/{stack}"


class StackParameter(pulumi.ComponentResource):
    """The stack's outputs as one JSON object, for whoever operates it: texts and numbers, and never a secret.

    No role of the stack may read it: the consumer is refused everything but its mailbox, and others who come from
    outside need a single name, which an operator tells them. People read it by roles of their own.
    """

    def __init__(
        self,
        name: str,
        *,
        stack: str,
        outputs: Mapping[str, pulumi.Input[Any]],
        opts: pulumi.ResourceOptions | None = None,
    ) -> None:
        """Declare it.

        Args:
            name: logical name.
            stack: the stack's name.
            outputs: what the stack exports. What is neither text nor number is left out: no command needs it, and how
                large it is depends on how many sources a lake has.
            opts: options of the component.
        """
        super().__init__("baler:stack_parameter:StackParameter", name, None, opts)
        aws.ssm.Parameter(
            name,
            name=parameter_name(stack),
            description="What `baler --stack` knows of this stack: names and addresses, no secret.",
            type="String",
            # 4 KB are free, 8 KB cost $0.05 a month. Three pipelines need more than four: Systems Manager takes what
            # is needed. (Its user guide, "Managing parameter tiers".)
            tier="Intelligent-Tiering",
            insecure_value=pulumi.Output.all(**outputs).apply(_document),
            opts=pulumi.ResourceOptions(parent=self),
        )
        self.register_outputs({})


def _document(outputs: Mapping[str, Any]) -> str:
    return json.dumps(
        {name: value for name, value in outputs.items() if isinstance(value, str | int | float)},
        separators=(",", ":"),
        sort_keys=True,
    )
