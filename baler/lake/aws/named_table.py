"""Says which of the tables that a command was given is none of the lake's, or another one than was meant."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Final

from botocore.exceptions import ClientError

from baler.aws.faults import code_of
from baler.store_errors import Refused

if TYPE_CHECKING:
    from collections.abc import Generator

_MISSING: Final = "ResourceNotFoundException"
# What DynamoDB says of a request for keys that a table does not have. All else of these requests is always the same.
_OTHER_KEYS: Final = "ValidationException"


@contextmanager
def named_table(name: str, holds: str) -> Generator[None]:
    """Name the table, if it is not there or holds something else.

    Args:
        name: of the table that is read within.
        holds: what it should hold, for example "records".

    Raises:
        Refused: its name is wrong.
    """
    try:
        yield
    except ClientError as error:
        if code_of(error) == _MISSING:
            raise Refused(f"no table '{name}' is there, from which {holds} are to be read", _MISSING) from error
        if code_of(error) == _OTHER_KEYS:
            raise Refused(_other(name, holds), _MISSING) from error
        raise
    except (KeyError, ValueError) as error:
        raise Refused(_other(name, holds), _MISSING) from error


def _other(name: str, holds: str) -> str:
    return f"the table '{name}' holds something else than {holds}"
