"""One JSON object from a record's bytes, by rules that are stricter than the parser's.

The rules are those that every later reader needs: whatever passes here means the same to Python, Athena and DuckDB.
docs/event-records.md lists them, and decision 34 says why the standard library's parser reads it.
"""

from __future__ import annotations

import json
from typing import Any, Final, NoReturn, cast

from baler.events.parsing.fault import FIELD_CHARACTERS_MAX, RecordFault
from baler.events.rejection_reason import RejectionReason

DEPTH_MAX: Final = 32
"""Objects and arrays inside one another, the outermost included."""

# A double ends at 309 digits; so many always fit, and converting them takes no time that matters.
_INTEGER_CHARACTERS_MAX: Final = 300
_JSON_SPACE: Final = " \t\r\n"
# None of these can begin a JSON document: gzip, zlib at its usual levels, Zstandard.
_COMPRESSED: Final = (b"\x1f\x8b", b"\x78\x01", b"\x78\x5e", b"\x78\x9c", b"\x78\xda", b"\x28\xb5\x2f\xfd")


def document_of(data: bytes) -> dict[str, Any]:
    """Return the object that the bytes hold.

    Raises:
        RecordFault: they hold anything else, or an object that readers would take in different ways.
    """
    try:
        text = data.decode()
    except UnicodeDecodeError as error:
        raise RecordFault(_reason_of(data, RejectionReason.NOT_UTF8)) from error
    parsed = _parsed(text, data)
    if not isinstance(parsed, dict):
        raise RecordFault(RejectionReason.NOT_AN_OBJECT)
    document = cast("dict[str, Any]", parsed)
    if text.count("{") + text.count("[") > DEPTH_MAX and _is_deeper(document, DEPTH_MAX):
        raise RecordFault(RejectionReason.TOO_DEEP)
    # A surrogate that has no partner can only be written by an escape: as bytes it is not UTF-8.
    if "\\u" in text and not _is_encodable(document):
        raise RecordFault(RejectionReason.LONE_SURROGATE)
    return document


def _parsed(text: str, data: bytes) -> object:
    stripped = text.strip(_JSON_SPACE)
    try:
        # Not decode, which matches white space by regular expressions: a tenth of the time that parsing takes.
        document, end = _DECODER.raw_decode(stripped)
    except RecordFault as fault:
        if fault.reason is RejectionReason.NUMBER_OUT_OF_RANGE:
            raise _number_fault(text) from fault
        raise
    except json.JSONDecodeError as error:
        raise RecordFault(_reason_of(data, RejectionReason.NOT_JSON)) from error
    except RecursionError as error:
        raise RecordFault(RejectionReason.TOO_DEEP) from error
    if end < len(stripped):
        raise RecordFault(RejectionReason.SEVERAL_DOCUMENTS)
    return document


def _reason_of(data: bytes, otherwise: RejectionReason) -> RejectionReason:
    if not data.strip():
        return RejectionReason.EMPTY
    return RejectionReason.COMPRESSED if data.startswith(_COMPRESSED) else otherwise


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Return an object whose keys are different even to a reader that does not know cases apart.

    Where no letter is a capital, as usual, no two keys differ by case alone. It is not asked by islower, which takes
    four times as long.
    """
    document = dict(pairs)
    keys = "".join(document)
    if len(document) < len(pairs) or (keys != keys.lower() and _collide(document)):
        raise RecordFault(RejectionReason.DUPLICATE_KEY, _first_collision([key for key, _ in pairs]))
    return document


def _collide(document: dict[str, Any]) -> bool:
    return len({key.lower() for key in document}) < len(document)


def _first_collision(keys: list[str]) -> str:
    seen: set[str] = set()
    for key in keys:
        if key.lower() in seen:
            return key
        seen.add(key.lower())
    return ""


def _float(text: str) -> float:
    number = float(text)
    if number - number != 0:  # of an infinity that is not a number
        raise RecordFault(RejectionReason.NUMBER_OUT_OF_RANGE)
    return number


def _integer(text: str) -> int:
    if len(text) > _INTEGER_CHARACTERS_MAX:
        raise RecordFault(RejectionReason.NUMBER_OUT_OF_RANGE)
    return int(text)


def _constant(_name: str) -> NoReturn:
    """Refuse NaN and the infinities, which Python reads and JSON does not have."""
    raise RecordFault(RejectionReason.NUMBER_OUT_OF_RANGE)


_DECODER: Final = json.JSONDecoder(
    object_pairs_hook=_object, parse_float=_float, parse_int=_integer, parse_constant=_constant
)


class _OutOfRange:
    """Stands for a number that cannot be taken, while its field is looked for."""


def _marked_float(text: str) -> float | _OutOfRange:
    try:
        return _float(text)
    except RecordFault:
        return _OutOfRange()


def _marked_integer(text: str) -> int | _OutOfRange:
    return 0 if len(text) <= _INTEGER_CHARACTERS_MAX else _OutOfRange()


_FINDER: Final = json.JSONDecoder(
    parse_float=cast("Any", _marked_float),
    parse_int=cast("Any", _marked_integer),
    parse_constant=lambda _: _OutOfRange(),
)


def _number_fault(text: str) -> RecordFault:
    """Return the fault with the field that holds the number, which the parser's hooks do not know."""
    try:
        document = _FINDER.decode(text)
    except json.JSONDecodeError:
        return RecordFault(RejectionReason.NOT_JSON)
    except RecursionError:
        return RecordFault(RejectionReason.TOO_DEEP)
    waiting: list[tuple[str, object]] = [("", document)]
    while waiting:
        path, value = waiting.pop()
        if isinstance(value, _OutOfRange):
            return RecordFault(RejectionReason.NUMBER_OUT_OF_RANGE, path)
        if isinstance(value, dict):
            pairs = cast("dict[str, object]", value).items()
            # Cut at each level, since a path below a long key would be copied for every key beside it.
            waiting.extend(
                (f"{path}.{key}"[:FIELD_CHARACTERS_MAX] if path else key[:FIELD_CHARACTERS_MAX], inner)
                for key, inner in pairs
            )
        elif isinstance(value, list):
            waiting.extend((path, inner) for inner in cast("list[object]", value))
    return RecordFault(RejectionReason.NUMBER_OUT_OF_RANGE)


def _is_deeper(document: object, limit: int) -> bool:
    level: list[object] = [document]
    for _ in range(limit + 1):
        level = [value for value in level if isinstance(value, dict | list)]
        if not level:
            return False
        level = [inner for value in level for inner in _inside(value)]
    return True


def _inside(value: object) -> list[object]:
    if isinstance(value, dict):
        return list(cast("dict[str, object]", value).values())
    return cast("list[object]", value)


def _is_encodable(document: object) -> bool:
    try:
        json.dumps(document, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return False
    return True
