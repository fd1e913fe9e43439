"""Rules about keys."""

from collections.abc import Iterator, Sequence
from typing import Final

from policy.rule import Declared, ResourceRule, StackRule, pointing_at

_KEY: Final = "aws:kms/key:Key"
_POLICY: Final = "aws:kms/keyPolicy:KeyPolicy"


def _lasting(declared: Declared, _stack: str) -> Iterator[str]:
    if declared.type == _KEY and not declared.props.get("enableKeyRotation"):
        yield "What encrypts would be the same for ever: set enableKeyRotation."


def _for_everybody(resources: Sequence[Declared]) -> Iterator[tuple[Declared, str]]:
    for key in resources:
        own = key.props.get("policy") or any(pointing_at(key, resources, (_POLICY,), "keyId"))
        if key.type == _KEY and not own:
            yield key, "AWS would let all of the account's policies decide on it: set policy, or give it a KeyPolicy."


RULES: Final = (
    ResourceRule("key-rotates", "A key is made anew every year.", _lasting),
    StackRule("key-has-a-policy", "A key says who may use it.", _for_everybody),
)
