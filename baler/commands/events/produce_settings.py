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

    rate: float = Field(10, gt=0)
    duration: float = Field(60, gt=0)
    batch_size: int = Field(10, ge=1, le=MOST_RECORDS)
    types: tuple[str, ...] = Field(tuple(EVENT_TYPES), min_length=1)
    seed: int = 1

    @field_validator("types")
    @classmethod
    def _declared(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        if unknown := sorted(set(value) - EVENT_TYPES.keys()):
            raise ValueError(f"{', '.join(unknown)} is not declared; there are {', '.join(EVENT_TYPES)}")
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
        ProduceSettingsError: the file cannot be read, or a value is not what it takes.
    """
    values = {} if file is None else _block(file)
    values |= {name: value for name, value in given.items() if value is not None}
    try:
        return ProduceSettings.model_validate(values)
    except ValidationError as error:
        wrong = "; ".join(
            f"{'.'.join(str(part) for part in detail['loc'])}: {detail['msg']}" for detail in error.errors()
        )
        raise ProduceSettingsError(f"{wrong}.") from error


def _block(file: Path) -> dict[str, Any]:
    try:
        document = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ProduceSettingsError(f"{file} cannot be read: {error}.") from error
    block = cast("dict[str, Any]", document).get("producer") if isinstance(document, dict) else None
    if not isinstance(block, dict):
        raise ProduceSettingsError(f"{file}: there is no mapping `producer` in it.")
    return dict(cast("dict[str, Any]", block))
