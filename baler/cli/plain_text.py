"""What is written where standard output or error cannot encode a character: an ASCII log, a terminal under LANG=C."""

from __future__ import annotations

import codecs
from typing import Final

PLAIN_TEXT: Final = "baler-plain-text"
"""The name of the error handler, as `errors=` of a stream takes it."""

# What our own texts and Rich's widgets hold; Rich itself draws lines in ASCII where the stream is not UTF.
_SUBSTITUTES: Final = {
    "\N{HORIZONTAL ELLIPSIS}": "...",
    "\N{MIDDLE DOT}": "-",
    "\N{BULLET}": "*",
    "\N{EN DASH}": "-",
    "\N{EM DASH}": "-",
    "\N{RIGHTWARDS ARROW}": "->",
    "\N{MULTIPLICATION SIGN}": "x",
    "\N{POUND SIGN}": "GBP ",
    "\N{RIGHT SINGLE QUOTATION MARK}": "'",
}


def _substitute(error: UnicodeError) -> tuple[str, int]:
    """Return what stands for the characters that cannot be encoded; any other than ours becomes its escape."""
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = error.object[error.start : error.end]
    plain = (_SUBSTITUTES.get(character) or ascii(character)[1:-1] for character in text)
    return "".join(plain), error.end


codecs.register_error(PLAIN_TEXT, _substitute)
