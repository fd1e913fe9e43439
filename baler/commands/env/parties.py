"""The variables that a stack's outputs are given by, and which of them each party needs."""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from baler.cli.stack import VARIABLE
from baler.cli.stack_outputs import LANES, LANES_VARIABLE, OPTIONS

if TYPE_CHECKING:
    from collections.abc import Mapping


class Party(StrEnum):
    """Whoever uses a stack from outside, by a role that the stack has for them."""

    CONSUMER = "consumer"
    EXTERNAL_PARTY = "external-party"
    PRODUCER = "producer"


_NEEDED: Final[Mapping[Party, tuple[str, ...]]] = {
    Party.CONSUMER: (
        *("filesDistributionBucket", "filesLandingRetentionDays", "filesConsumerLeaseTable"),
        *("filesConsumerS3Url", "filesConsumerStsUrl", "filesConsumerDynamodbUrl"),
    ),
    Party.EXTERNAL_PARTY: ("filesLandingBucket",),
    Party.PRODUCER: ("eventsStream",),
}
ROLES: Final[Mapping[Party, str]] = {
    Party.CONSUMER: "filesConsumerRoleArn",
    Party.EXTERNAL_PARTY: "filesExternalPartyRoleArn",
    Party.PRODUCER: "eventsProducerRoleArn",
}
"""The outputs that name the parties' roles."""

# AWS SDKs and tools reference guide, "Service-specific endpoints".
_ENDPOINTS: Final = {
    "filesConsumerS3Url": "AWS_ENDPOINT_URL_S3",
    "filesConsumerStsUrl": "AWS_ENDPOINT_URL_STS",
    "filesConsumerDynamodbUrl": "AWS_ENDPOINT_URL_DYNAMODB",
}


def variables(stack: str, outputs: Mapping[str, Any], party: Party | None) -> dict[str, str]:
    """Return variables by their name.

    Args:
        stack: its name, which a party does not need: its role may not ask what the stack says.
        outputs: what the stack says.
        party: whose; None is whoever operates the stack.
    """
    found = {"AWS_REGION": str(outputs["region"])} if "region" in outputs else {}
    if party is None:
        found[VARIABLE] = stack
        if LANES in outputs:
            found[LANES_VARIABLE] = str(outputs[LANES])
    wanted = OPTIONS if party is None else _NEEDED[party]
    for output in wanted:
        if outputs.get(output) is not None:
            found[_ENDPOINTS.get(output) or OPTIONS[output].variable] = str(outputs[output])
    return found
