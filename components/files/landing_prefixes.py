"""The prefixes that divide the landing bucket into lanes: which of them S3 could tell apart."""

from typing import Annotated, Final

from pydantic import AfterValidator

from components.files.capacity import MOST_LANES
from components.settings.types import KeyPrefix, each_once, refusal

MOST_CHARACTERS: Final = 400
"""Of all prefixes together: the monitor is told of each lane by its environment, of 4 KB (Lambda developer guide)."""

_EXAMPLE: Final = "<prefix>/"


def _lanes(prefixes: tuple[str, ...]) -> tuple[str, ...]:
    if len(prefixes) > MOST_LANES:
        raise refusal(
            f"it must name at most {MOST_LANES}: SQS lets a dead-letter queue name no more sources",
            "",
            item=f"[{MOST_LANES}]",
        )
    if len(prefixes) == 1:
        raise refusal(
            "one prefix makes one lane, which there is without it: name two or more, or say where the external party "
            "puts with baler:filesExternalPartyPrefix",
            _EXAMPLE,
            item="[1]",
        )
    if sum(map(len, prefixes)) > MOST_CHARACTERS:
        raise refusal(
            f"all prefixes together must have at most {MOST_CHARACTERS} characters: Lambda has 4 KB for what the "
            "monitor's function is told of the queues",
            _EXAMPLE,
            item="[0]",
        )
    for place, prefix in enumerate(prefixes):
        if not prefix:
            raise refusal("an empty prefix overlaps all others, which S3 refuses", _EXAMPLE, item=f"[{place}]")
        for other in prefixes[:place]:
            if prefix.startswith(other) or other.startswith(prefix):
                raise refusal(
                    f"{prefix} and {other} overlap, and S3 does not tell two queues of one file (S3 API, FilterRule)",
                    _EXAMPLE,
                    item=f"[{place}]",
                )
    return prefixes


LandingPrefixes = Annotated[tuple[KeyPrefix, ...], AfterValidator(each_once), AfterValidator(_lanes)]
"""None, or two to ten that do not overlap."""
