"""The table that queries read, by the commands that a user has for it."""

from __future__ import annotations

import json
import subprocess
import sys
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from sandbox.demo.events.found import Row
from sandbox.errors import SandboxError
from sandbox.iam.parties import environment_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sandbox.deployed import DeployedEvents
    from sandbox.engine.endpoint import Endpoint

_PROOF: Final = "SELECT record_id, event_type, CAST(amount AS VARCHAR) AS amount FROM events"
_PER_HOUR: Final = (
    "SELECT date_trunc('hour', event_time) AS hour, count(*) AS transactions, "
    "count(*) FILTER (is_high_value) AS high_value, sum(amount) AS amount "
    "FROM events WHERE event_type = 'transaction' AND event_time >= current_date{days} "
    "GROUP BY hour ORDER BY hour"
)
ANSWER: Final = _PER_HOUR.format(days=" - 1 AND event_time < current_date")
"""How many high-value transactions there were per hour, yesterday."""
ANSWER_TODAY: Final = _PER_HOUR.format(days="")
"""How many there were per hour, today."""


class Table:
    """The table of a deployed stack, as its operator sees it.

    Args:
        deployed: the stack.
        aws: clients of an operator.
    """

    def __init__(self, deployed: DeployedEvents, aws: Endpoint) -> None:
        self._aws = aws
        self._name = (deployed.database, deployed.table)
        self._environment = {
            **environment_of(deployed, "operator"),
            "BALER_EVENTS_DATABASE": deployed.database,
            "BALER_EVENTS_COMPACTOR_FUNCTION": deployed.compactor_function,
        }

    def rows(self) -> list[Row]:
        """Read all rows.

        Raises:
            SandboxError: the command failed.
        """
        return [
            Row(row["record_id"], row["event_type"], None if row["amount"] is None else Decimal(row["amount"]))
            for row in map(json.loads, self._run("query", "--json", _PROOF).splitlines())
        ]

    def answer(self) -> str:
        """Return what the command prints of `ANSWER`.

        Raises:
            SandboxError: the command failed.
        """
        return self._run("query", ANSWER)

    def files(self) -> int:
        """Count the data files that a query of all of it reads."""
        from baler.events.aws.glue_catalogue import EventCatalogue  # noqa: PLC0415 - two seconds, wanted once it runs

        table = EventCatalogue(self._aws.glue, self._aws.s3).load_table(self._name)
        return sum(1 for _ in table.scan().plan_files())

    def compact(self) -> None:
        """Have the closed hours rewritten.

        Raises:
            SandboxError: the command failed.
        """
        self._run("compact")

    def _run(self, *arguments: str) -> str:
        command: Sequence[Any] = [sys.executable, "-m", "baler.cli.main", "events", *arguments]
        ran = subprocess.run(  # noqa: S603 - our own program, by our own interpreter
            command, env=self._environment, capture_output=True, text=True, check=False
        )
        if ran.returncode:
            raise SandboxError(f"baler events {arguments[0]} ended with {ran.returncode}: {ran.stderr.strip()}")
        return ran.stdout
