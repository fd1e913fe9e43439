"""The names of resources: `baler-<stack>-<part>`, which Pulumi completes with a random suffix."""

import re
from typing import Final

import pulumi

# Bucket names are the narrowest: 63 lower-case characters, of which "baler-", "-distribution" and the suffix take 27.
_STACK_NAME: Final = re.compile(r"[a-z0-9]([a-z0-9-]{0,34}[a-z0-9])?")


def resource_name(part: str) -> str:
    """Return the logical name of a part of this stack, `baler-prod-landing` say.

    Raises:
        pulumi.RunError: the stack's name cannot be part of a bucket's name.
    """
    stack = pulumi.get_stack()
    if not _STACK_NAME.fullmatch(stack):
        raise pulumi.RunError(
            f"The stack's name '{stack}' becomes part of bucket names, so it may have only lower-case letters, "
            "digits and inner hyphens, at most 36. Rename it: pulumi stack rename <name>"
        )
    return f"baler-{stack}-{part}"
