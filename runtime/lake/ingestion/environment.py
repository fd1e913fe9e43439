"""The function's environment: read once, and refused by the variable's name before any work is done."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from baler.lake.declarations import read_declarations
from baler.lake.sources import DeclarationError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from baler.lake.sources import Source


class InvalidEnvironment(Exception):  # noqa: N818 - what is wrong, by name
    """An environment variable of the function is missing or wrong."""


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
        open_origins = frozenset(variables.get("OPEN_ORIGINS", "").split())
        sources = _sources(_text(variables, "SOURCES_FILE"), open_origins)
        secrets = _secrets(variables.get("SOURCE_SECRETS", "{}"))
        for source in sources:
            if source.headers and source.name not in secrets:
                raise InvalidEnvironment(f"SOURCE_SECRETS has no secret for {source.name}, which declares headers")
        return cls(
            stack=_text(variables, "STACK"),
            raw_bucket=_text(variables, "RAW_BUCKET"),
            sources_table=_text(variables, "SOURCES_TABLE"),
            sources=sources,
            secrets=secrets,
            open_origins=open_origins,
            stale_seconds=_seconds(variables, "STALE_SECONDS"),
        )


def _sources(path: str, open_origins: frozenset[str]) -> tuple[Source, ...]:
    try:
        return read_declarations(Path(path).read_text(encoding="utf-8"), open_origins)
    except (OSError, UnicodeDecodeError, DeclarationError) as error:
        raise InvalidEnvironment(f"the file that SOURCES_FILE names, {path}: {error}") from error


def _secrets(text: str) -> dict[str, str]:
    try:
        document: Any = json.loads(text)
    except ValueError as error:
        raise InvalidEnvironment("SOURCE_SECRETS is not JSON") from error
    if not isinstance(document, dict) or not all(
        isinstance(arn, str) for arn in cast("dict[str, object]", document).values()
    ):
        raise InvalidEnvironment("SOURCE_SECRETS must be an object of ARNs by the names of sources")
    return cast("dict[str, str]", document)


def _text(variables: Mapping[str, str], name: str) -> str:
    value = variables.get(name, "")
    if not value:
        raise InvalidEnvironment(f"the environment variable {name} is missing or empty")
    return value


def _seconds(variables: Mapping[str, str], name: str) -> int:
    value = _text(variables, name)
    if not value.isascii() or not value.isdigit() or not int(value):
        raise InvalidEnvironment(f"the environment variable {name} is {value!r}: it must be a whole number above 0")
    return int(value)
