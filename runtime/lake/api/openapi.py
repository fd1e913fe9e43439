"""The API's description, in OpenAPI 3.1: made of the declarations that requests are answered by."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from baler.lake.sources import FieldKind
from runtime.lake.api.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Sequence
    from http import HTTPStatus

    from baler.lake.sources import Field, Source
    from runtime.lake.api.routes import Route

_VERSION: Final = "1.0.0"
# What a path does that answers at all.
_ANYWHERE: Final = (Problem.INTERNAL, Problem.UNAVAILABLE)
_KINDS: Final = {FieldKind.TEXT: "string", FieldKind.NUMBER: "number", FieldKind.BOOLEAN: "boolean"}
_ID: Final[dict[str, Any]] = {
    "type": "string",
    "minLength": 3,
    "maxLength": 128,
    "pattern": "^[A-Za-z0-9][A-Za-z0-9-]+$",
}
_TIME: Final[dict[str, Any]] = {"type": "string", "format": "date-time"}
_DATE: Final[dict[str, Any]] = {"type": "string", "format": "date"}
_COUNT: Final[dict[str, Any]] = {"type": "integer", "minimum": 0}
_COUNTS: Final[dict[str, Any]] = {"type": "object", "additionalProperties": _COUNT}
_REQUIRED: Final = ("id", "source", "captured_at", "changed_at", "fingerprint", "raw_s3_key", "processed_at")


def description(routes: Sequence[Route], sources: Sequence[Source]) -> dict[str, Any]:
    """Return the document.

    Args:
        routes: see there.
        sources: that are declared: their names are the values of a parameter, their fields attributes of records.
    """
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Baler: the lake's records",
            "version": _VERSION,
            "description": (
                "Records of APIs that are fetched on a schedule. Read only. Every refusal has `message`, for people, "
                "and, but for those of the gateway before it, `code`, for programs."
            ),
        },
        # Where this document is: the dashboard's host has the API below a path of its own.
        "servers": [{"url": "."}],
        "paths": {route.template: _path(route) for route in routes},
        "components": {"schemas": _schemas(sources)},
    }


def _path(route: Route) -> dict[str, Any]:
    parameters = [
        {"name": each.name, "in": "query", "required": False, "description": each.description, "schema": each.schema}
        for each in route.parameters
    ]
    if "{id}" in route.template:
        parameters.append(
            {"name": "id", "in": "path", "required": True, "description": "Id of the record.", "schema": _ID}
        )
    get = {"operationId": route.name, "summary": route.summary, "responses": _responses(route)}
    return {"get": {**get, "parameters": parameters} if parameters else get}


def _responses(route: Route) -> dict[str, Any]:
    found: dict[str, Any] = {
        "200": {
            "description": "As asked.",
            "headers": {
                "ETag": {"description": "For If-None-Match.", "schema": {"type": "string"}},
                "Cache-Control": {"schema": {"type": "string", "const": route.cache_control}},
            },
            "content": {"application/json": {"schema": _ref(route.answer)}},
        },
        "304": {"description": "What the client has, as If-None-Match says, is what there is."},
    }
    by_status: dict[HTTPStatus, list[Problem]] = {}
    for problem in (*route.problems, *_ANYWHERE):
        by_status.setdefault(problem.status, []).append(problem)
    for status, problems in sorted(by_status.items()):
        found[str(int(status))] = {
            "description": " ".join(f"`{each.code}`: {each.description}" for each in problems),
            "content": {"application/json": {"schema": _error([each.code for each in problems])}},
        }
    found["default"] = {
        "description": "A refusal of the gateway: too many requests (429), or who asks may not (401, 403).",
        "content": {"application/json": {"schema": _ref("GatewayError")}},
    }
    return found


def _error(codes: list[str]) -> dict[str, Any]:
    return {"allOf": [_ref("Error"), {"properties": {"code": {"enum": codes}}}]}


def _schemas(sources: Sequence[Source]) -> dict[str, Any]:
    names = sorted(source.name for source in sources)
    of_sources = {f"Record-{source.name}": _record(source) for source in sources}
    either = [_ref(name) for name in of_sources]
    return {
        **of_sources,
        "Record": {"anyOf": either, "description": "A record; its declared fields are those of its source."},
        "RecordWithDocument": {
            "allOf": [
                _ref("Record"),
                {
                    "type": "object",
                    "required": ["document"],
                    "properties": {
                        "document": {
                            "type": ["object", "null"],
                            "description": "All that is kept of it; null where it is in the raw object alone.",
                        }
                    },
                },
            ]
        },
        "RecordPage": _object(
            {
                "records": {"type": "array", "items": _ref("Record")},
                "count": {**_COUNT, "description": "Records of this page."},
                "lastKey": {
                    "type": ["string", "null"],
                    "description": "For the next page; null where there is none.",
                },
            }
        ),
        "Analytics": _object(
            {
                "total": _COUNT,
                "by_source": _by_source(names),
                "by_date": {**_COUNTS, "propertyNames": _DATE},
                "timeline": {
                    "type": "array",
                    "items": _object({"date": _DATE, "total": _COUNT, "by_source": _by_source(names)}),
                },
                "first_date": {**_DATE, "type": ["string", "null"]},
                "last_date": {**_DATE, "type": ["string", "null"]},
                "generated_at": _TIME,
            }
        ),
        "Description": {"type": "object", "required": ["openapi", "info", "paths"]},
        "Error": _object({"message": {"type": "string"}, "code": {"type": "string"}}),
        "GatewayError": {
            "type": "object",
            "required": ["message"],
            "properties": {"message": {"type": ["string", "null"]}},
        },
    }


def _record(source: Source) -> dict[str, Any]:
    # Records of before the declaration was changed have what it said then.
    return {
        "type": "object",
        "required": list(_REQUIRED),
        "properties": {
            "id": _ID,
            "source": {"const": source.name},
            "type": {"type": "string"},
            "captured_at": {**_TIME, "description": "The schedule's event that first showed it."},
            "changed_at": {**_TIME, "description": "The schedule's event whose content this is."},
            "fingerprint": {"type": "string", "description": "SHA-256 of its document."},
            "raw_s3_key": {"type": "string", "description": "The raw object that has it as the source sent it."},
            "processed_at": {**_TIME, "description": "When it was written."},
            **{field.name: _field(field) for field in source.fields},
        },
    }


def _field(field: Field) -> dict[str, Any]:
    return {"type": _KINDS[field.kind]}


def _by_source(names: list[str]) -> dict[str, Any]:
    return {"type": "object", "required": names, "properties": dict.fromkeys(names, _COUNT)}


def _object(properties: dict[str, Any]) -> dict[str, Any]:
    return {"type": "object", "required": list(properties), "properties": properties}


def _ref(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/{name}"}
