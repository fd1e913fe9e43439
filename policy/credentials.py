"""Rules about secrets: who reads one is written beside it, and what is in it no program and no state knows."""

from collections.abc import Iterator, Sequence
from typing import Final

from policy.rule import Declared, ResourceRule, StackRule, pointing_at

_SECRET: Final = "aws:secretsmanager/secret:Secret"  # noqa: S105 - a type of resource
_POLICY: Final = "aws:secretsmanager/secretPolicy:SecretPolicy"
_VALUE: Final = "aws:secretsmanager/secretVersion:"
# The shortest that Secrets Manager has beside none at all (API reference, DeleteSecret).
_LEAST_RECOVERY_DAYS: Final = 7


def _with_a_value(declared: Declared, _stack: str) -> Iterator[str]:
    if declared.type.startswith(_VALUE):
        yield "Its value would be in the state for whoever reads that: put it by hand, or by what rotates it."


def _gone_at_once(declared: Declared, _stack: str) -> Iterator[str]:
    days = declared.props.get("recoveryWindowInDays")
    if declared.type == _SECRET and days is not None and days < _LEAST_RECOVERY_DAYS:
        yield f"Whoever deletes it deletes it for good: set recoveryWindowInDays to {_LEAST_RECOVERY_DAYS} or more."


def _without_policy(resources: Sequence[Declared]) -> Iterator[tuple[Declared, str]]:
    for secret in resources:
        if secret.type == _SECRET and not any(pointing_at(secret, resources, (_POLICY,), "secretArn")):
            yield secret, "Whoever has been granted every secret of the account reads it: give it a SecretPolicy."


RULES: Final = (
    ResourceRule("secret-has-no-value", "A secret has no value in the program.", _with_a_value),
    ResourceRule("secret-can-be-restored", "A secret that was deleted comes back.", _gone_at_once),
    StackRule("secret-has-a-policy", "A secret has a policy.", _without_policy),
)
