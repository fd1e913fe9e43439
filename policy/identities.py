"""Rules about identities: nobody has a key that can be stolen for good, or rights that somebody else decides on."""

from collections.abc import Iterator
from typing import Final

from policy.rule import Declared, ResourceRule

_OF_AWS: Final = ":iam::aws:policy/"
_WITH_KEYS: Final = ("aws:iam/accessKey:", "aws:iam/user:", "aws:iam/userLoginProfile:")


def _lasting_keys(declared: Declared, _stack: str) -> Iterator[str]:
    if declared.type.startswith(_WITH_KEYS):
        yield "Its keys would last until somebody revokes them: let a principal assume a role."


def _borrowed_policies(declared: Declared, _stack: str) -> Iterator[str]:
    for arn in (declared.props.get("policyArn"), *declared.listed("managedPolicyArns")):
        if arn and _OF_AWS in arn:
            yield f"{arn} is AWS's, which widens it without asking: write the statements out."


RULES: Final = (
    ResourceRule("no-lasting-key", "Nobody has credentials that do not expire.", _lasting_keys),
    ResourceRule("no-borrowed-policy", "What a role may do is written here.", _borrowed_policies),
)
