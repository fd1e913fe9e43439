"""The names of resources: `baler-<stack>-<part>`, which Pulumi completes with a random suffix."""

import re
from typing import Final

import pulumi

# The name of the monitor's role is the narrowest: IAM's 64 characters, of which "baler-", "-mailbox-monitor" and
# Pulumi's suffix take 30.
_STACK_NAME: Final = re.compile(r"[a-z0-9]([a-z0-9-]{0,32}[a-z0-9])?")


def resource_name(part: str) -> str:
    """Return the logical name of a part of this stack, `baler-prod-landing` say.

    Raises:
        pulumi.RunError: the stack's name cannot be part of a bucket's name.
    """
    stack = pulumi.get_stack()
    if not _STACK_NAME.fullmatch(stack):
        raise pulumi.RunError(
            f"The stack's name '{stack}' becomes part of bucket names, so it may have only lower-case letters, "
            "digits and inner hyphens, at most 34. Rename it: pulumi stack rename <name>"
        )
    return f"baler-{stack}-{part}"
