"""What Lambda measures of its functions (Lambda developer guide, "Types of metrics for Lambda functions")."""

from __future__ import annotations

import re
import threading
import time
from collections import Counter
from typing import TYPE_CHECKING, Any

from baler_cloudwatch.samples import measured

if TYPE_CHECKING:
    from collections.abc import Callable

NAMESPACE = "AWS/Lambda"

_DURATION = re.compile(r"^REPORT .*?\tDuration: ([\d.]+) ms", re.MULTILINE)
_running: Counter[str] = Counter()
_lock = threading.Lock()


def measuring(invoke: Callable[..., Any]) -> Callable[..., Any]:
    """Return LocalStack's way to invoke a version of a function, with what Lambda measures of it."""
    from localstack.aws.api.lambda_ import TooManyRequestsException  # noqa: PLC0415 - when Lambda is loaded

    def measured_invoke(manager: Any, *, invocation: Any) -> Any:
        function = manager.function_version.id
        began: dict[str, float | None] = {"ConcurrentExecutions": _began(function.function_name)}
        if str(invocation.invocation_type) == "Event":
            began["AsyncEventAge"] = max(0.0, (time.time() - invocation.invoke_time.timestamp()) * 1000)
        put_of_function(function, began)
        try:
            result = invoke(manager, invocation=invocation)
        except TooManyRequestsException:
            put_of_function(function, {"Throttles": 1})
            raise
        finally:
            _ended(function.function_name)
        # A run without an error is an error of 0: an error rate is of those that there were (see the guide's "Errors").
        found = _DURATION.search(result.logs or "")
        put_of_function(
            function,
            {"Invocations": 1, "Errors": int(result.is_error), "Duration": float(found[1]) if found else None},
        )
        return result

    return measured_invoke


def put_of_function(function: Any, values: dict[str, float | None]) -> None:
    """Put samples of a function: account, region and name are those of its version's id."""
    measured(function.account, function.region, NAMESPACE, {"FunctionName": function.function_name}, values)


def is_running(function: str) -> bool:
    """Tell whether a function of a name is at work."""
    with _lock:
        return _running[function] > 0


def _began(function: str) -> int:
    with _lock:
        _running[function] += 1
        return _running[function]


def _ended(function: str) -> None:
    with _lock:
        _running[function] -= 1


def leave_to_measuring(**_: Any) -> None:
    """Do nothing with what LocalStack measures of functions itself."""
