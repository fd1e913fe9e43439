"""The rule about queries: nobody reads, and pays for, more than was thought of."""

from collections.abc import Iterator
from typing import Final

from policy.rule import Declared, ResourceRule

_WORKGROUP: Final = "aws:athena/workgroup:Workgroup"


def _unlimited(declared: Declared, _stack: str) -> Iterator[str]:
    if declared.type != _WORKGROUP:
        return
    configuration = declared.nested("configuration")
    if not configuration.get("bytesScannedCutoffPerQuery"):
        yield "One query may read all there is: set bytesScannedCutoffPerQuery."
    # The default is true, and a preview shows what is not set as nothing.
    if configuration.get("enforceWorkgroupConfiguration") is False:
        yield "Whoever asks may set limit, place and encryption aside: set enforceWorkgroupConfiguration."


RULES: Final = (ResourceRule("query-is-limited", "A query reads so much and no more.", _unlimited),)
