"""The function's environment: read once, and refused by the variable's name before any work is done."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from baler.environment_variables import InvalidEnvironment, text, whole_number
from baler.lake.declared_sources import declared_sources, open_origins_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from baler.lake.sources import Source


@dataclass(frozen=True, slots=True)
class Environment:
    """What the stack tells the function.

    Attributes:
        stack: the stack's name, a dimension of every metric.
        raw_bucket: the name of the raw layer's bucket.
        sources_table: the name of the table of states.
        sources: as the file says that SOURCES_FILE names.
        secrets: ARNs by the names of sources.
        open_origins: the sandbox's own stand-ins; none in a cloud.
        stale_seconds: the age from which events are dropped.
    """

    stack: str
    raw_bucket: str
    sources_table: str
    sources: tuple[Source, ...]
    secrets: Mapping[str, str]
    open_origins: frozenset[str]
    stale_seconds: int

    @classmethod
    def read(cls, variables: Mapping[str, str]) -> Environment:
        """Read the variables, and the file of the sources.

        Raises:
            InvalidEnvironment: one is missing, empty, or not what it must be.
        """
        sources = declared_sources(variables)
        secrets = _secrets(variables.get("SOURCE_SECRETS", "{}"))
        for source in sources:
            if source.headers and source.name not in secrets:
                raise InvalidEnvironment(f"SOURCE_SECRETS has no secret for {source.name}, which declares headers")
        return cls(
            stack=text(variables, "STACK"),
            raw_bucket=text(variables, "RAW_BUCKET"),
            sources_table=text(variables, "SOURCES_TABLE"),
            sources=sources,
            secrets=secrets,
            open_origins=open_origins_of(variables),
            stale_seconds=whole_number(variables, "STALE_SECONDS"),
        )


def _secrets(written: str) -> dict[str, str]:
    try:
        document: Any = json.loads(written)
    except ValueError as error:
        raise InvalidEnvironment("SOURCE_SECRETS is not JSON") from error
    if not isinstance(document, dict) or not all(
        isinstance(arn, str) for arn in cast("dict[str, object]", document).values()
    ):
        raise InvalidEnvironment("SOURCE_SECRETS must be an object of ARNs by the names of sources")
    return cast("dict[str, str]", document)
