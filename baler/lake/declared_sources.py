"""The declared sources as the functions read them: from the file that SOURCES_FILE names."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from baler.environment_variables import InvalidEnvironment, text
from baler.lake.declarations import read_declarations
from baler.lake.sources import DeclarationError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from baler.lake.sources import Source


def open_origins_of(variables: Mapping[str, str]) -> frozenset[str]:
    """Return the origins of the sandbox's own stand-ins, which OPEN_ORIGINS lists; none in a cloud."""
    return frozenset(variables.get("OPEN_ORIGINS", "").split())


def declared_sources(variables: Mapping[str, str]) -> tuple[Source, ...]:
    """Return the sources, in their order.

    Raises:
        InvalidEnvironment: the file is not named, cannot be read, or declares something wrong.
    """
    path = text(variables, "SOURCES_FILE")
    try:
        return read_declarations(Path(path).read_text(encoding="utf-8"), open_origins_of(variables))
    except (OSError, UnicodeDecodeError, DeclarationError) as error:
        raise InvalidEnvironment(f"the file that SOURCES_FILE names, {path}: {error}") from error
