"""The names of resources: `baler-<stack>-<part>`, which Pulumi completes with a random suffix."""

import re
from typing import Final

import pulumi

# The name of the monitor's role is the narrowest: IAM's 64 characters, of which "baler-", "-mailbox-monitor" and
# Pulumi's suffix take 30.
_STACK_NAME: Final = re.compile(r"[a-z0-9]([a-z0-9-]{0,32}[a-z0-9])?")


def can_be_in_names(stack: str) -> bool:
    """Tell whether a stack's name can be part of the names of buckets and roles."""
    return _STACK_NAME.fullmatch(stack) is not None


def resource_name(part: str) -> str:
    """Return the logical name of a part of this stack, `baler-prod-landing` say; its settings have been read."""
    return f"baler-{pulumi.get_stack()}-{part}"
