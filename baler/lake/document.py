"""JSON that keeps each number's own digits, and text made of it that is the same for the same content."""

from __future__ import annotations

import json
from json.encoder import encode_basestring
from typing import Any, Final

DEPTH_MAX: Final = 100
"""Objects and arrays inside one another in one item. The text is one attribute, whose store does not look into it."""


class NotJsonError(ValueError):
    """The bytes are no JSON document in UTF-8."""


class NotKeptError(ValueError):
    """A value that parses and yet has no text that every reader takes: NaN, a lone surrogate, or too deep nesting."""


class Number:
    """A number as the source wrote it. `NaN` and the infinities, which Python's parser takes, are no JSON.

    Attributes:
        text: its characters.
    """

    __slots__ = ("text",)

    def __init__(self, text: str) -> None:
        self.text = text

    @property
    def is_json(self) -> bool:
        """Whether JSON has such a number."""
        return self.text[-1].isdigit()


def document_of(data: bytes) -> object:
    """Return what the bytes hold; numbers are `Number`. Of two equal keys of an object the last counts.

    A mark of UTF-8 at the start (EF BB BF) is passed over, as the web's readers do.

    Raises:
        NotJsonError: they are no such document, hold more than one, or nest so deep that the parser gives up.
    """
    try:
        return _DECODER.decode(data.decode("utf-8-sig"))
    except RecursionError as error:  # which is no ValueError
        raise NotJsonError("the document nests too deep") from error
    except ValueError as error:
        # Without the error's own words, which may quote the document.
        raise NotJsonError("not JSON in UTF-8") from error


_DECODER: Final = json.JSONDecoder(parse_float=Number, parse_int=Number, parse_constant=Number)


def text_of(value: object) -> str:
    """Return a value's canonical text: keys sorted, no blanks, characters themselves, numbers as they were written.

    Raises:
        NotKeptError: it has none.
    """
    parts: list[str] = []
    _write(value, parts.append, DEPTH_MAX)
    text = "".join(parts)
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise NotKeptError("lone-surrogate") from error
    return text


def _write(value: object, put: Any, depth: int) -> None:
    match value:
        case str():
            put(encode_basestring(value))
        case Number():
            if not value.is_json:
                raise NotKeptError("not-a-number")
            put(value.text)
        case None:
            put("null")
        case bool():
            put("true" if value else "false")
        case _ if depth == 0:
            raise NotKeptError("too-deep")
        case dict():
            _write_object(value, put, depth - 1)  # pyright: ignore[reportUnknownArgumentType] - of the parser's making
        case list():
            _write_array(value, put, depth - 1)  # pyright: ignore[reportUnknownArgumentType] - of the parser's making
        case _:
            raise TypeError(f"no part of a document: {type(value)}")


def _write_object(value: dict[str, object], put: Any, depth: int) -> None:
    before = "{"
    for key in sorted(value):
        put(before)
        put(encode_basestring(key))
        put(":")
        _write(value[key], put, depth)
        before = ","
    put("}" if value else "{}")


def _write_array(value: list[object], put: Any, depth: int) -> None:
    before = "["
    for item in value:
        put(before)
        _write(item, put, depth)
        before = ","
    put("]" if value else "[]")
