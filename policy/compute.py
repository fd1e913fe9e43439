"""Rules about functions, their logs, and the tables that they work on."""

from collections.abc import Iterator, Sequence
from typing import Final

from policy.rule import Declared, ResourceRule, StackRule

_FUNCTION: Final = "aws:lambda/function:Function"
_LOG_GROUP: Final = "aws:cloudwatch/logGroup:LogGroup"
_PERMISSION: Final = "aws:lambda/permission:Permission"
_TABLE: Final = "aws:dynamodb/table:Table"
_PROD: Final = "prod"
# The data lake's functions are in Lambda's own network: one asks APIs on the internet, and the document that describes
# the lake has no private network (decision 51).
_WITHOUT_NETWORK: Final = frozenset(f"baler-{_PROD}-lake-{part}" for part in ("ingestion", "curation", "api"))


def _log_of_its_own(resources: Sequence[Declared]) -> Iterator[tuple[Declared, str]]:
    groups = {resource.urn for resource in resources if resource.type == _LOG_GROUP}
    for function in resources:
        if function.type == _FUNCTION and not groups & set(function.refers.get("loggingConfig", ())):
            yield function, "Lambda would make its log and keep it for ever: set loggingConfig to a LogGroup."


def _endless_log(declared: Declared, _stack: str) -> Iterator[str]:
    if declared.type == _LOG_GROUP and not declared.props.get("retentionInDays"):
        yield "It is kept for ever: set retentionInDays."


def _outside_the_network(declared: Declared, stack: str) -> Iterator[str]:
    is_outside = declared.type == _FUNCTION and not declared.props.get("vpcConfig")
    if is_outside and stack == _PROD and declared.name not in _WITHOUT_NETWORK:
        yield "In prod a function runs in the private network: set vpcConfig."


def _public_url(declared: Declared, _stack: str) -> Iterator[str]:
    if declared.type == "aws:lambda/functionUrl:FunctionUrl":
        yield "A function has no address on the internet: what it works on comes from its queue."


def _invoked_for_anybody(declared: Declared, _stack: str) -> Iterator[str]:
    invoker = str(declared.props.get("principal", ""))
    if declared.type != _PERMISSION or not invoker.endswith(".amazonaws.com"):
        return
    if not declared.props.get("sourceArn"):
        yield f"{invoker} may invoke it for anybody's resources: set sourceArn."
    # A bucket's ARN does not hold its account, and its name can be taken over.
    if invoker.startswith("s3.") and not declared.props.get("sourceAccount"):
        yield "A bucket of that name may become another's: set sourceAccount."


def _unrecoverable(declared: Declared, _stack: str) -> Iterator[str]:
    if declared.type == _TABLE and not declared.nested("pointInTimeRecovery").get("enabled"):
        yield "What is lost from it stays lost: set pointInTimeRecovery."


RULES: Final = (
    StackRule("function-logs-to-a-group", "A function logs to a group that the stack declares.", _log_of_its_own),
    ResourceRule("log-ends", "A log is kept for a number of days.", _endless_log),
    ResourceRule("function-is-private", "In prod a function runs in the private network.", _outside_the_network),
    ResourceRule("function-has-no-url", "A function has no address on the internet.", _public_url),
    ResourceRule("invoker-is-named", "A service invokes a function for one resource of ours.", _invoked_for_anybody),
    ResourceRule("table-can-be-restored", "A table can be restored to any second.", _unrecoverable),
)
