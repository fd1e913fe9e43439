"""The recovery function, as redrive and replay invoke it: until nothing is left, with smaller batches if it dies."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, Final, cast

from botocore.config import Config

from baler.cli.aws_session import aws_session, check_settings
from baler.cli.clients import SettingsError
from baler.store_errors import Unavailable

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

RECORDS_AT_ONCE: Final = 100
"""Records in a batch, as many as the mapping hands over."""
_WORK_SECONDS: Final = 20
# For its start, and a last batch that was begun in time.
_CONFIG: Final = Config(connect_timeout=5, read_timeout=120, retries={"mode": "standard", "total_max_attempts": 3})
# A record that kills is set aside when it has killed three runs (runtime/events/processor/crash_counter.py).
_DEATHS_ALONE_MAX: Final = 5
_SILENT_MAX: Final = 3


class RefusedError(Exception):
    """The function does not take it; the message is its sentence."""


class DeadlyError(Exception):
    """The function died of one record again and again."""


class RecoveryFunction:
    """Calls the function.

    Args:
        client: boto3's of Lambda.
        function: its name.
        run: id of the run, which all calls share.
        dry_run: nothing is changed.
        life: creation time of the stream's life, seconds since the epoch; None for the present one.
    """

    def __init__(self, client: Any, function: str, run: str, *, dry_run: bool, life: int | None) -> None:
        self._client = client
        self._function = function
        self._shared = {"run": run, "dry_run": dry_run, "life": life, "seconds": _WORK_SECONDS}

    def answers(
        self, request: Mapping[str, Any], go_on: Callable[[Mapping[str, Any]], Mapping[str, Any] | None]
    ) -> Iterator[Mapping[str, Any]]:
        """Yield the answers of calls, until one has nothing more to do.

        Args:
            request: what is particular to the kind of run.
            go_on: returns, for an answer, what the next call is to be asked; None where that was the last.

        Raises:
            RefusedError: the function refuses it.
            DeadlyError: it dies, with one record alone too.
            Unavailable: a store does not answer the function, or nothing has got on for several calls.
            ClientError, BotoCoreError: it cannot be invoked.
        """
        at_most, deaths, silent = RECORDS_AT_ONCE, 0, 0
        asked: Mapping[str, Any] | None = request
        while asked is not None:
            answer = self._call({**self._shared, **asked, "at_most": at_most})
            if answer is None:
                deaths = deaths + 1 if at_most == 1 else 0
                at_most = max(1, at_most // 2)
                if deaths == _DEATHS_ALONE_MAX:
                    raise DeadlyError("the function dies of it")
                continue
            if "refused" in answer:
                raise RefusedError(str(answer["refused"]))
            yield answer
            if answer["failure"]:
                raise Unavailable(str(answer["failure"]))
            deaths = 0
            at_most = min(RECORDS_AT_ONCE, at_most * 2)
            silent = 0 if answer["recovered"] or answer["records"] else silent + 1
            asked = go_on(answer)
            if asked is not None and silent == _SILENT_MAX:
                raise Unavailable("nothing could be committed: others are at work on the same records")

    def _call(self, payload: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return what it answers; None where it died."""
        answer = self._client.invoke(FunctionName=self._function, Payload=json.dumps(payload).encode())
        body = json.loads(answer["Payload"].read())
        return None if answer.get("FunctionError") else cast("dict[str, Any]", body)


def lambda_client() -> Any:
    """Make a client that waits as long as the function works.

    Raises:
        SettingsError, BotoCoreError: boto3's settings are not usable.
    """
    try:
        return cast("Any", aws_session()).client("lambda", config=_CONFIG)
    except ValueError as error:
        raise SettingsError(check_settings(error)) from error
