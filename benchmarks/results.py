"""Everything that was measured in one run, as a program reads it."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast

from benchmarks.spread import Spread

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from benchmarks.bundling import Bundled
    from benchmarks.calls import Calls
    from benchmarks.cold_start import ColdStart
    from benchmarks.consumer import Received
    from benchmarks.deliveries import Delivered
    from benchmarks.end_to_end import Ended
    from benchmarks.growth import Growth
    from benchmarks.memory import Memory
    from benchmarks.power import Powered


@dataclass(frozen=True)
class Results:
    """One run.

    Attributes:
        machine: where and with what (see benchmarks/machine.py).
        bundling: by file size in bytes, then by name.
        end_to_end: by floor (see benchmarks/stage.py).
        deliveries: by size of the bundle in bytes, then by name.
        power: by function, then by memory size in MB.
        records: microseconds of processor time for a record of the event stream, by name.
        consumer: what takes bundles on the premises, by name.
    """

    machine: Mapping[str, object]
    bundling: Mapping[int, Mapping[str, Bundled]]
    end_to_end: Mapping[str, Ended]
    calls: Calls
    cold_start: ColdStart
    memory: Memory
    growth: Growth
    deliveries: Mapping[int, Mapping[str, Delivered]]
    power: Mapping[str, Mapping[int, Powered]]
    records: Mapping[str, Spread]
    consumer: Mapping[str, Received]

    def write(self, path: Path, targets: list[dict[str, object]]) -> None:
        """Write a JSON document: every field, every spread with its samples, and the targets."""
        document = {**cast("dict[str, object]", to_json(self)), "targets": targets}
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(document, indent=2) + "\n", encoding="utf-8")


def to_json(value: Any) -> object:
    """Return dataclasses as objects, keys as text, and spreads as their figures."""
    if isinstance(value, Spread):
        return value.to_json()
    if dataclasses.is_dataclass(value):
        return {field.name: to_json(getattr(value, field.name)) for field in dataclasses.fields(value)}
    if isinstance(value, dict):
        return {str(key): to_json(item) for key, item in cast("dict[object, object]", value).items()}
    if isinstance(value, list | tuple):
        return [to_json(item) for item in cast("list[object]", value)]
    return value
