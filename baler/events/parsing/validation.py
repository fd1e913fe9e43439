"""Whether a document is an event of a declared type."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, cast

from baler.events.event_time import event_time
from baler.events.event_types import DECIMAL_LIMIT, EVENT_TYPE, EVENT_TYPES, KINESIS, TIMESTAMP, EventType, FieldKind
from baler.events.parsing.fault import RecordFault
from baler.events.rejection_reason import RejectionReason

if TYPE_CHECKING:
    from datetime import datetime

# bool is an int to Python and none to JSON, so types are compared and not asked with isinstance.
_PYTHON_TYPES: Final = {
    FieldKind.TEXT: (str,),
    FieldKind.NUMBER: (int, float),
    FieldKind.DECIMAL: (int, float),
}
# By type: name, types, whether it is required, whether it is a decimal. Plain tuples: attributes and members of enums
# would double what the fields of a record take.
_RULES: Final = {
    declared.name: tuple(
        (field.name, _PYTHON_TYPES[field.kind], field.required, field.kind is FieldKind.DECIMAL)
        for field in declared.fields
    )
    for declared in EVENT_TYPES.values()
}


def validated(document: dict[str, Any]) -> tuple[EventType, datetime]:
    """Return the type of an event and when it happened, UTC.

    Raises:
        RecordFault: it is no event of a declared type; the fault names the first field that is wrong.
    """
    name, written = document.get(EVENT_TYPE), document.get(TIMESTAMP)
    if not isinstance(name, str):
        raise _fault_of(document, EVENT_TYPE, RejectionReason.WRONG_TYPE)
    declared = EVENT_TYPES.get(name)
    if declared is None:
        raise RecordFault(RejectionReason.UNKNOWN_EVENT_TYPE, EVENT_TYPE)
    if not isinstance(written, str):
        raise _fault_of(document, TIMESTAMP, RejectionReason.BAD_TIMESTAMP)
    try:
        at = event_time(written)
    except ValueError as error:
        raise RecordFault(RejectionReason.BAD_TIMESTAMP, TIMESTAMP) from error
    _check_names(document, declared)
    for name, types, is_required, is_decimal in _RULES[declared.name]:
        value = document.get(name)
        if type(value) in types:
            if is_decimal and not -DECIMAL_LIMIT < cast("float", value) < DECIMAL_LIMIT:
                raise RecordFault(RejectionReason.NUMBER_OUT_OF_RANGE, name)
        elif value is not None or is_required:
            raise _fault_of(document, name, RejectionReason.WRONG_TYPE)
    return declared, at


def _fault_of(document: dict[str, Any], name: str, reason: RejectionReason) -> RecordFault:
    return RecordFault(reason if name in document else RejectionReason.MISSING_FIELD, name)


def _check_names(document: dict[str, Any], declared: EventType) -> None:
    """Refuse what a table, which does not know cases apart, would take for a field of ours."""
    if KINESIS in document:
        raise RecordFault(RejectionReason.RESERVED_FIELD, KINESIS)
    keys = "".join(document)
    if keys == keys.lower():
        return
    ours = {KINESIS, EVENT_TYPE, TIMESTAMP, *(field.name for field in declared.fields)}
    for key in document:
        if key not in ours and key.lower() in ours:
            raise RecordFault(RejectionReason.FIELD_CASE, key)
