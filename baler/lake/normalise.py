"""From a source's answer to records, as its declaration says."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from typing import TYPE_CHECKING, Final, cast

from baler.lake.document import NotJsonError, NotKeptError, Number, document_of, text_of
from baler.lake.ids import record_id
from baler.lake.path import MISSING
from baler.lake.sources import FieldKind, Kept

if TYPE_CHECKING:
    from collections.abc import Mapping

    from baler.lake.sources import Field, Source

FIELD_BYTES_MAX: Final = 4096
"""A longer text is no attribute of its own: it would be in the index, and every page would carry it. The record's
document has it whole."""
VALUES_MAX: Final = 500_000
"""Commas and opening brackets of one answer: an upper bound of its values. Ten thousand of RandomUser's users have
460,000, and so many take 100 MB at most."""
_DIGITS_MAX: Final = 38
_EXPONENT_MAX: Final = 125


class NoAnswerReason(StrEnum):
    """Why what came is no answer of the source, though its status says so."""

    EMPTY_BODY = "empty-body"
    NOT_JSON = "not-json"
    TOO_MANY_VALUES = "too-many-values"
    """So many that they would not fit into a function's memory, in which the smallest takes 20 times its text."""
    NO_RECORDS = "no-records"
    """No array where the declaration says that records are: `{"error": …}`, `null`, another shape."""


class NoAnswerError(ValueError):
    """What came is no answer of the source.

    Attributes:
        reason: what it is.
    """

    def __init__(self, reason: NoAnswerReason) -> None:
        super().__init__(reason.value)
        self.reason = reason


class Fault(StrEnum):
    """Why an item can never be a record."""

    NOT_AN_OBJECT = "not-an-object"
    NO_ID = "no-id"
    """Nothing where the id should be, an empty text, or what is neither text nor number."""
    WRONG_KIND = "wrong-kind"
    NUMBER_OUT_OF_RANGE = "number-out-of-range"
    """More than 38 digits, or an exponent that the store has not."""
    NOT_A_NUMBER = "not-a-number"
    LONE_SURROGATE = "lone-surrogate"
    TOO_DEEP = "too-deep"


@dataclass(frozen=True, slots=True)
class BadItem:
    """An item that is set aside.

    Attributes:
        place: in its answer, from 0.
        fault: what is wrong.
        field: the curated name of the declared field that it is wrong with, or "".
    """

    place: int
    fault: Fault
    field: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """One item as it is curated; what depends on its raw object is not here.

    Attributes:
        id: see `baler.lake.ids`.
        source: name of the source.
        fields: declared ones that the item has, by curated name, but for texts above `FIELD_BYTES_MAX` bytes. Numbers
            are exact.
        document: canonical JSON text of what the declaration keeps.
        fingerprint: SHA-256 of `document`, 64 hexadecimal digits: it differs when what is kept does.
    """

    id: str
    source: str
    fields: Mapping[str, str | bool | Decimal]
    document: str
    fingerprint: str


def items_in(source: Source, content: bytes) -> list[object]:
    """Return the items of an answer, good and bad, in its order.

    Raises:
        NoAnswerError: it is none; only an array that is there, be it empty, is an answer.
    """
    return items_of(source, answer_of(content))


def answer_of(content: bytes) -> object:
    """Return the document of an answer.

    Raises:
        NoAnswerError: there is none.
    """
    if not content.strip():
        raise NoAnswerError(NoAnswerReason.EMPTY_BODY)
    if content.count(b",") + content.count(b"[") + content.count(b"{") > VALUES_MAX:
        raise NoAnswerError(NoAnswerReason.TOO_MANY_VALUES)
    try:
        return document_of(content)
    except NotJsonError as error:
        raise NoAnswerError(NoAnswerReason.NOT_JSON) from error


def items_of(source: Source, answer: object) -> list[object]:
    """Return the items of an answer's document.

    Raises:
        NoAnswerError: no array is where the declaration says.
    """
    found = source.records.value_in(answer)
    if not isinstance(found, list):
        raise NoAnswerError(NoAnswerReason.NO_RECORDS)
    return cast("list[object]", found)


def normalised(source: Source, content: bytes) -> tuple[list[Record], list[BadItem]]:
    """Return the records of an answer in its order, and the items that can never be one.

    It depends on the bytes and the declaration alone. The same id may come twice.

    Raises:
        NoAnswerError: see `items_in`.
    """
    records: list[Record] = []
    bad: list[BadItem] = []
    for place, item in enumerate(items_in(source, content)):
        try:
            records.append(_record(source, item))
        except _ItemError as error:
            bad.append(BadItem(place, error.fault, error.field))
    return records, bad


class _ItemError(Exception):
    def __init__(self, fault: Fault, field: str = "") -> None:
        super().__init__(fault.value)
        self.fault = fault
        self.field = field


def _record(source: Source, item: object) -> Record:
    if not isinstance(item, dict):
        raise _ItemError(Fault.NOT_AN_OBJECT)
    whole = cast("dict[str, object]", item)
    own_id = _own_id(source.id.value_in(whole))
    declared = {
        field.name: value
        for field in source.fields
        if (value := field.path.value_in(whole)) is not MISSING and value is not None
    }
    typed = {field.name: _typed(field, declared[field.name]) for field in source.fields if field.name in declared}
    try:
        document = text_of(whole if source.document is Kept.WHOLE else declared)
        name = record_id(source.name, own_id)
    except NotKeptError as error:
        raise _ItemError(Fault(str(error))) from error
    except UnicodeEncodeError as error:
        raise _ItemError(Fault.LONE_SURROGATE) from error
    fields = {name: value for name, value in typed.items() if not _is_long(value)}
    return Record(name, source.name, fields, document, hashlib.sha256(document.encode()).hexdigest())


def _own_id(value: object) -> str:
    """Return the id as text: a number's own digits, so that 1 and "1" are the same record."""
    text = value.text if isinstance(value, Number) else value
    if not isinstance(text, str) or not text:
        raise _ItemError(Fault.NO_ID)
    return text


def _typed(field: Field, value: object) -> str | bool | Decimal:
    match field.kind, value:
        case FieldKind.TEXT, str():
            _check_text(field, value)
            return value
        case FieldKind.TEXT, Number():  # postcodes come as 78276 and as "7044 TR"
            return value.text
        case FieldKind.BOOLEAN, bool():
            return value
        case FieldKind.NUMBER, Number():
            return _decimal(field, value)
        case _:
            raise _ItemError(Fault.WRONG_KIND, field.name)


def _check_text(field: Field, text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise _ItemError(Fault.LONE_SURROGATE, field.name) from error


def _decimal(field: Field, number: Number) -> Decimal:
    """Return a number as DynamoDB has it: at most 38 digits, magnitudes from 1e-130 to below 1e126."""
    if not number.is_json:
        raise _ItemError(Fault.NOT_A_NUMBER, field.name)
    try:
        found = Decimal(number.text)
    except InvalidOperation as error:  # an exponent that Python has not
        raise _ItemError(Fault.NUMBER_OUT_OF_RANGE, field.name) from error
    if not found:
        return Decimal(0)
    digits = "".join(map(str, found.as_tuple().digits)).strip("0")
    if len(digits) > _DIGITS_MAX or not -130 <= found.adjusted() <= _EXPONENT_MAX:  # noqa: PLR2004 - see there
        raise _ItemError(Fault.NUMBER_OUT_OF_RANGE, field.name)
    return found


def _is_long(value: str | bool | Decimal) -> bool:  # noqa: FBT001 - one of the three that a value may be
    return isinstance(value, str) and len(value.encode()) > FIELD_BYTES_MAX
