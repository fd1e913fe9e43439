"""What requests to CloudWatch, its logs, EventBridge and X-Ray need."""

from __future__ import annotations

from typing import TYPE_CHECKING

from baler_iam.access import Access

if TYPE_CHECKING:
    from collections.abc import Iterator

    from baler_iam.access import Call, Resources


def log_accesses(call: Call, _resources: Resources) -> Iterator[Access]:
    """Yield what a request to CloudWatch Logs needs."""
    parameters = call.parameters
    groups = [
        *parameters.get("logGroupNames", ()),
        *parameters.get("logGroupIdentifiers", ()),
        *(parameters[name] for name in ("logGroupName", "logGroupIdentifier") if name in parameters),
    ]
    action = f"logs:{call.operation}"
    if not groups:
        yield Access(action, parameters.get("resourceArn") or "*", call.account)
    stream = parameters.get("logStreamName", "")
    for group in groups:
        arn = group.removesuffix(":*") if group.startswith("arn:") else call.arn(f"log-group:{group}")
        yield Access(action, f"{arn}:log-stream:{stream}", arn.split(":")[4])


def metric_accesses(call: Call, _resources: Resources) -> Iterator[Access]:
    """Yield what a request to CloudWatch needs. Metrics are no resources; alarms and dashboards are."""
    parameters = call.parameters
    action = f"cloudwatch:{call.operation}"
    names = parameters.get("AlarmNames") or [parameters[name] for name in ("AlarmName",) if name in parameters]
    if "DashboardName" in parameters:
        yield Access(
            action, f"arn:aws:cloudwatch::{call.account}:dashboard/{parameters['DashboardName']}", call.account
        )
    elif "ResourceARN" in parameters:
        yield Access(action, parameters["ResourceARN"], call.account)
    elif names:
        for name in names:
            yield Access(action, call.arn(f"alarm:{name}"), call.account)
    else:
        namespace = parameters.get("Namespace")
        keys = {"cloudwatch:namespace": namespace} if namespace and call.operation == "PutMetricData" else {}
        yield Access(action, "*", call.account, None, keys)


def trace_accesses(call: Call, _resources: Resources) -> Iterator[Access]:
    """Yield what a request to X-Ray needs: the actions that a function calls have no resources."""
    yield Access(f"xray:{call.operation}", "*", call.account)


def rule_accesses(call: Call, _resources: Resources) -> Iterator[Access]:
    """Yield what a request to EventBridge needs: a rule of the default bus, or any."""
    named = call.parameters.get("Rule") or (call.parameters.get("Name") if "Rule" in call.operation else None)
    yield Access(f"events:{call.operation}", call.arn(f"rule/{named}") if named else "*", call.account)
