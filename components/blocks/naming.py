"""The names of resources, which Pulumi completes with a random suffix.

What a stack's pipelines share is called `baler-<stack>-<part>`, and what is one pipeline's
`baler-<stack>-<pipeline>-<part>`.
"""

import re
from typing import Final

import pulumi

_PREFIX: Final = "baler-"
# A hyphen and seven hexadecimal digits.
_PULUMIS_SUFFIX: Final = 8

# The narrowest name is a role's, which IAM gives 64 characters (IAM user guide, "IAM and AWS STS quotas"): a bucket has
# one less, and nothing that has a bucket is called as long. A test looks for a longer one.
_ROLE_NAME: Final = 64
_LONGEST_PART: Final = "-files-mailbox-monitor"

LONGEST_STACK_NAME: Final = _ROLE_NAME - len(_PREFIX) - len(_LONGEST_PART) - _PULUMIS_SUFFIX
"""Characters that the name of a stack may have."""

_STACK_NAME: Final = re.compile(rf"[a-z0-9]([a-z0-9-]{{0,{LONGEST_STACK_NAME - 2}}}[a-z0-9])?")


def can_be_in_names(stack: str) -> bool:
    """Tell whether a stack's name can be part of the names of buckets and roles."""
    return _STACK_NAME.fullmatch(stack) is not None


def resource_name(*parts: str) -> str:
    """Return a logical name in this stack, whose settings have been read: `baler-prod-files-landing` for two parts."""
    return _PREFIX + "-".join((pulumi.get_stack(), *parts))
