"""What the API refuses, each with its status and a code that programs can tell apart."""

from __future__ import annotations

from enum import Enum
from http import HTTPStatus
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class Problem(Enum):
    """A kind of refusal: the code in its body, its status, and when it comes, for the API's description."""

    PARAMETER_INVALID = (
        "parameter-invalid",
        HTTPStatus.BAD_REQUEST,
        "A parameter has a value that it cannot have.",
    )
    PARAMETER_UNKNOWN = (
        "parameter-unknown",
        HTTPStatus.BAD_REQUEST,
        "There is no such parameter here: one that is misspelt would otherwise bring the first page for ever.",
    )
    PARAMETER_REPEATED = ("parameter-repeated", HTTPStatus.BAD_REQUEST, "A parameter is there twice.")
    LAST_KEY_INVALID = (
        "last-key-invalid",
        HTTPStatus.BAD_REQUEST,
        "lastKey was not given out by this API, or for another `source`: begin again without it.",
    )
    NO_SUCH_PATH = ("no-such-path", HTTPStatus.NOT_FOUND, "Nothing is at this path.")
    NO_SUCH_RECORD = ("no-such-record", HTTPStatus.NOT_FOUND, "There is no record of this id, or no more.")
    METHOD_NOT_ALLOWED = (
        "method-not-allowed",
        HTTPStatus.METHOD_NOT_ALLOWED,
        "The API is for reading; `Allow` names the methods.",
    )
    INTERNAL = ("internal", HTTPStatus.INTERNAL_SERVER_ERROR, "A fault of ours, which is in the log.")
    UNAVAILABLE = (
        "unavailable",
        HTTPStatus.SERVICE_UNAVAILABLE,
        "A store of ours did not answer in time; `Retry-After` says in how many seconds to ask again.",
    )

    def __init__(self, code: str, status: HTTPStatus, description: str) -> None:
        self.code = code
        self.status = status
        self.description = description


class ApiError(Exception):
    """A request is refused.

    Attributes:
        problem: its kind.
        message: for a person: what is wrong and what to do; it quotes nothing of the request.
        headers: of the answer, beside those that all have.
    """

    def __init__(self, problem: Problem, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.problem = problem
        self.message = message
        self.headers = headers or {}
