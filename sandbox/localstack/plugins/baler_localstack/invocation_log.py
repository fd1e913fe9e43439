"""The lines that Lambda writes around a function's own output."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from localstack.services.lambda_.invocation.lambda_models import FunctionVersion

    from baler_localstack.child import InvocationAnswer


@dataclass(frozen=True)
class Invocation:
    """What the lines about an invocation that ended hold."""

    request: str
    """Its id."""
    before: str
    """What the import printed, where it ran ahead of this invocation."""
    output: str
    """What the invocation printed."""
    seconds: float
    """How long it took."""
    init_seconds: float | None
    """How long the import took, where it ran ahead of this invocation."""
    answer: InvocationAnswer

    def log(self, function: FunctionVersion) -> str:
        """Return the lines, each with its end."""
        lines = [
            *self.before.splitlines(),
            f"START RequestId: {self.request} Version: {function.id.qualifier}",
            *self.output.splitlines(),
            f"END RequestId: {self.request}",
            self._report(function.config.memory_size),
        ]
        return "".join(f"{line}\n" for line in lines)

    def _report(self, memory_megabytes: int) -> str:
        milliseconds = self.seconds * 1000
        fields = [
            f"REPORT RequestId: {self.request}",
            f"Duration: {milliseconds:.2f} ms",
            f"Billed Duration: {math.ceil(milliseconds)} ms",
            f"Memory Size: {memory_megabytes} MB",
        ]
        if self.answer.peak_memory_megabytes is not None:
            fields.append(f"Max Memory Used: {self.answer.peak_memory_megabytes} MB")
        if self.init_seconds is not None:
            fields.append(f"Init Duration: {self.init_seconds * 1000:.2f} ms")
        if self.answer.error_type == "Sandbox.Timedout":
            fields.append("Status: timeout")
        elif self.answer.error_type is not None:
            fields.append(f"Status: error\tError Type: {self.answer.error_type}")
        return "\t".join(fields)
