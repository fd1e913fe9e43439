"""Asynchronous invocations of an alias: LocalStack looks for their configuration under the version's number alone.

Each version and each alias has one of its own, and an event is tried as often and as long as the one says that was
invoked: https://docs.aws.amazon.com/lambda/latest/api/API_PutFunctionEventInvokeConfig.html
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from localstack.runtime import hooks

if TYPE_CHECKING:
    from collections.abc import Callable

    from localstack.services.lambda_.invocation.event_manager import Poller

# `arn:aws:lambda:<region>:<account>:function:<name>:<qualifier>`.
_QUALIFIER = 7


@hooks.on_infra_start()
def configure_by_qualifier() -> None:
    """Let each invocation be retried as the qualifier says that it named."""
    from localstack.services.lambda_.invocation.event_manager import Poller  # noqa: PLC0415 - when it may be loaded

    Poller.handle_message = _by_qualifier(Poller.handle_message)


def _by_qualifier(handle_message: Callable[[Poller, dict[str, Any]], None]) -> Callable[..., None]:
    from localstack.services.lambda_.invocation.event_manager import SQSInvocation  # noqa: PLC0415 - see above

    def handle(poller: Poller, message: dict[str, Any]) -> None:
        parts = SQSInvocation.decode(message["Body"]).invocation.invoked_arn.split(":")
        named = parts[_QUALIFIER] if len(parts) > _QUALIFIER else "$LATEST"
        handle_message(_seeing(poller, named), message)

    return handle


def _seeing(poller: Poller, named: str) -> Poller:
    """Return a poller that finds the configuration of a qualifier where LocalStack's looks for the version's."""
    seeing = copy.copy(poller)
    seeing.version_manager = copy.copy(poller.version_manager)
    seeing.version_manager.function = copy.copy(poller.version_manager.function)
    configurations = poller.version_manager.function.event_invoke_configs
    version = poller.version_manager.function_version.id.qualifier
    seeing.version_manager.function.event_invoke_configs = (
        {version: configurations[named]} if named in configurations else {}
    )
    return seeing
