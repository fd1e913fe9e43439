"""What was measured and what is assumed: one file, figures.toml."""

from __future__ import annotations

import math
import tomllib
from functools import cache
from importlib import resources
from statistics import NormalDist
from typing import Final

from pydantic import BaseModel, ConfigDict

_NORMAL: Final = NormalDist()
_Z99: Final = _NORMAL.inv_cdf(0.99)


class _FigureGroup(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class CallLatency(_FigureGroup):
    """How long a call takes, in milliseconds: lognormal, by its median and its 99th percentile."""

    p50: float
    p99: float
    why: str

    @property
    def mean_seconds(self) -> float:
        """The average, in seconds."""
        return self.p50 / 1000 * math.exp(self._sigma**2 / 2)

    def seconds(self, quantile: float) -> float:
        """Return the time, in seconds, that this share of all calls stays below; the share is within 0 and 1."""
        return self.p50 / 1000 * math.exp(self._sigma * _NORMAL.inv_cdf(quantile))

    @property
    def _sigma(self) -> float:
        return math.log(self.p99 / self.p50) / _Z99


class CallLatencies(_FigureGroup):
    """Of every call on a file's way."""

    s3_get: CallLatency
    s3_put: CallLatency
    dynamodb: CallLatency
    sqs_receive: CallLatency
    s3_event: CallLatency


class MeasuredFigures(_FigureGroup):
    """From our own runs; figures.toml says which."""

    as_of: str
    cpu_ms_per_file: float
    cpu_ms_per_batch: float
    cold_start_cpu_ms: float
    compression_ratio: float
    index_bytes_per_file: int


class AssumedFigures(_FigureGroup):
    """What could not be measured; figures.toml says what each leans on."""

    claim_bytes: int
    messages_per_receive: float
    log_bytes_per_batch: int
    log_bytes_per_file: int
    flow_record_bytes: int
    connections_per_environment: int
    receiver_seconds: float
    receipt_bytes: int
    monitor_seconds_per_page: float
    monitor_megabytes: int
    reconciliation_seconds_per_page: float
    reconciliation_megabytes: int
    registrar_megabytes: int
    latency: CallLatencies


class EventFigures(_FigureGroup):
    """Of the event stream, measured and assumed; figures.toml says which."""

    as_of: str
    cpu_us_per_record_processor: float
    cpu_us_per_record_transformer: float
    cpu_ms_per_invocation: float
    raw_bytes_added: int
    processed_bytes_added: int
    table_share: float
    batch_item_bytes: int
    batch_item_bytes_per_object: int
    batch_report_bytes: int
    log_bytes_per_invocation: int
    compactor_seconds_per_million: float
    compactor_seconds_per_commit: float
    commit_puts: int
    commit_gets: int
    commit_glue_requests: int


class Figures(_FigureGroup):
    """The whole file."""

    measured: MeasuredFigures
    assumed: AssumedFigures
    events: EventFigures


@cache
def figures() -> Figures:
    """Read figures.toml, which lies beside this module."""
    text = resources.files("baler.commands.cost").joinpath("figures.toml").read_text(encoding="utf-8")
    return Figures.model_validate(tomllib.loads(text))
