"""What `baler events produce` sends, from a YAML file and from options, which go before it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from baler.events.event_types import EVENT_TYPES
from baler.events.producer.call import MOST_RECORDS

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


class ProduceSettingsError(Exception):
    """The file or an option is not what it takes; the message says which and why."""


class ProduceFileError(ProduceSettingsError):
    """It is the file that cannot be used."""


class ProduceSettings(BaseModel):
    """Requirement document 5, "Data Producer": its names and its numbers.

    Attributes:
        rate: records a second.
        duration: seconds.
        batch_size: records of a call.
        types: names of declared types.
        seed: decides what the events are.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    rate: float = Field(10, gt=0, le=1_000_000)
    duration: float = Field(60, gt=0, le=366 * 86_400)
    batch_size: int = Field(10, ge=1, le=MOST_RECORDS)
    types: tuple[str, ...] = Field(tuple(EVENT_TYPES), min_length=1)
    seed: int = 1

    @field_validator("types")
    @classmethod
    def _declared(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if unknown := sorted(set(value) - EVENT_TYPES.keys()):
            raise ValueError(f"{', '.join(map(repr, unknown))} is not declared; there are {', '.join(EVENT_TYPES)}")
        return value

    @property
    def records(self) -> int:
        """How many are sent: at least one."""
        return max(1, round(self.rate * self.duration))


def read_produce_settings(file: Path | None, given: Mapping[str, Any]) -> ProduceSettings:
    """Return the settings: a default, unless the file has another, unless an option does.

    Args:
        file: YAML, with the settings below `producer`, as requirement document 5 writes them.
        given: options by their settings' names; None where it was not given.

    Raises:
        ProduceFileError: the file cannot be read, or a value in it is not what it takes.
        ProduceSettingsError: an option is not what it takes.
    """
    values = {} if file is None else _block(file)
    try:
        ProduceSettings.model_validate(values)
    except ValidationError as error:
        raise ProduceFileError(f"{file}: {_wrong(error)}.") from error
    values |= {name: value for name, value in given.items() if value is not None}
    try:
        return ProduceSettings.model_validate(values)
    except ValidationError as error:
        raise ProduceSettingsError(f"{_wrong(error)}.") from error


def _wrong(error: ValidationError) -> str:
    return "; ".join(
        f"{'.'.join(str(part) for part in detail['loc'])}: "
        + ("no such setting" if detail["type"] == "extra_forbidden" else detail["msg"].removeprefix("Value error, "))
        for detail in error.errors()
    )


def _block(file: Path) -> dict[str, Any]:
    try:
        document = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ProduceFileError(f"{file} cannot be read: {error}.") from error
    block = cast("dict[str, Any]", document).get("producer") if isinstance(document, dict) else None
    if not isinstance(block, dict):
        raise ProduceFileError(f"{file}: there is no mapping `producer` in it.")
    return dict(cast("dict[str, Any]", block))
