"""What requests to Glue's catalogue and to Athena's workgroups need."""

from __future__ import annotations

from typing import TYPE_CHECKING

from baler_iam.access import Access

if TYPE_CHECKING:
    from collections.abc import Iterator

    from baler_iam.access import Call, Resources


def catalogue_accesses(call: Call, _resources: Resources) -> Iterator[Access]:
    """Yield what a request to Glue's catalogue needs.

    An action on a table is asked for on the table, its database and the catalogue, one on a database on the latter
    two: https://docs.aws.amazon.com/glue/latest/dg/glue-specifying-resource-arns.html
    """
    parameters, action = call.parameters, f"glue:{call.operation}"
    if arn := parameters.get("ResourceArn"):
        yield Access(action, arn, call.account)
        return
    database, table = _names(call)
    yield Access(action, call.arn("catalog"), call.account)
    if database:
        yield Access(action, call.arn(f"database/{database}"), call.account)
        if table:
            yield Access(action, call.arn(f"table/{database}/{table}"), call.account)


def _names(call: Call) -> tuple[str, str]:
    """Return the names of a database and a table; empty where a request is about none."""
    parameters = call.parameters
    if call.operation == "CreateDatabase":
        return parameters["DatabaseInput"]["Name"], ""
    database = parameters.get("DatabaseName", "")
    if not database:
        return parameters.get("Name", "") if call.operation.endswith("Database") else "", ""
    if call.operation in {"CreateTable", "UpdateTable"}:
        return database, (parameters.get("TableInput") or {}).get("Name") or parameters["Name"]
    if call.operation == "GetTables":
        return database, "*"
    return database, parameters.get("TableName") or parameters.get("Name", "")


def workgroup_accesses(call: Call, _resources: Resources) -> Iterator[Access]:
    """Yield what a request to Athena needs: who reads a query's results needs its workgroup, which is not named."""
    parameters = call.parameters
    named = parameters.get("WorkGroup") or (parameters.get("Name") if call.operation == "CreateWorkGroup" else None)
    arn = parameters.get("ResourceARN") or (call.arn(f"workgroup/{named}") if named else "*")
    yield Access(f"athena:{call.operation}", arn, call.account)
