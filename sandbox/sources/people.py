"""RandomUser's `/api/`: other people in each answer, unless a seed asks for the same.

https://randomuser.me/documentation
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from itertools import count as counting
from random import Random
from typing import TYPE_CHECKING, Any, Final
from uuid import UUID

from sandbox.sources.answer import BadQueryError, UnknownCommandError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sandbox.sources.answer import Items

RESULTS_MAX: Final = 5000
"""Of one request of a user; it answers one that asks for more with a single person."""


@dataclass(frozen=True, slots=True)
class _Nation:
    """What differs: postcodes are numbers here and texts there, and some have no number of social insurance."""

    code: str
    country: str
    city: str
    state: str
    postcode: Callable[[Random], int | str]
    id_name: str
    id_value: Callable[[Random], str] | None


def _digits(random: Random, shape: str) -> str:
    return "".join(str(random.randint(1, 9)) if sign == "#" else sign for sign in shape)


_LETTERS: Final = "ABCDEFGHJKLMNPRSTUWXYZ"


def _letters(random: Random, shape: str) -> str:
    return "".join(random.choice(_LETTERS) if sign == "?" else sign for sign in _digits(random, shape))


_NATIONS: Final = (
    _Nation(
        "US", "United States", "Eugene", "Texas",
        lambda r: r.randint(10000, 99999), "SSN", lambda r: _digits(r, "###-##-####"),
    ),
    _Nation(
        "GB", "United Kingdom", "Salford", "Kent",
        lambda r: _letters(r, "??# #??"), "NINO", lambda r: _letters(r, "?? ## ## ## ?"),
    ),
    _Nation(
        "NL", "Netherlands", "Zuidermeer", "Drenthe",
        lambda r: _letters(r, "#### ??"), "BSN", lambda r: _digits(r, "########"),
    ),
    _Nation("NZ", "New Zealand", "Nelson", "Otago", lambda r: r.randint(10000, 99999), "", None),
    _Nation("TR", "Turkey", "Sivas", "Ordu", lambda r: r.randint(10000, 99999), "", None),
    _Nation(
        "DE", "Germany", "Plön", "Thüringen",
        lambda r: r.randint(10000, 99999), "SVNR", lambda r: _letters(r, "## ###### ? ###"),
    ),
)  # fmt: skip
_FIRST: Final = ("Jennie", "Noah", "Öykü", "Leonard", "Ava", "Milan", "Sütçü", "Charlotte", "Marieke", "Günther")
_LAST: Final = ("Nichols", "Özkök", "Thompson", "van der Heijden", "O'Connor", "Müller", "Öztürk", "Harris")


class People:
    """The people, which threads may share.

    Args:
        seed: the same makes the same people, answer by answer.

    Attributes:
        path: of it.
    """

    path = "/api/"

    def __init__(self, seed: int = 0) -> None:
        self._seed = seed
        self._calls = counting()  # one step of it is not divided between threads

    def items(self, query: Mapping[str, str]) -> Items:
        """Return as many people as the query's `results` says, one where it says nothing.

        Raises:
            BadQueryError: it is no number.
        """
        wanted = query.get("results", "1")
        if not wanted.isascii() or not wanted.isdigit():
            raise BadQueryError("results is no number")
        return self._people(int(wanted) if 1 <= int(wanted) <= RESULTS_MAX else 1, query.get("seed", ""))

    def many(self, count: int) -> Items:
        """Return so many people."""
        return self._people(count, "")

    def document(self, items: Items, query: Mapping[str, str]) -> Any:
        """Return people as RandomUser does."""
        seed = query.get("seed") or hashlib.sha256(repr(items[:1]).encode()).hexdigest()[:16]
        page = query.get("page", "1")
        info = {"seed": seed, "results": len(items), "page": int(page) if page.isdigit() else 1, "version": "1.4"}
        return {"results": items, "info": info}

    def headers(self, body: bytes) -> dict[str, str]:  # noqa: ARG002 - none depends on it
        """Return what RandomUser says of a body."""
        return {
            "Content-Type": "application/json; charset=utf-8",
            "Cache-Control": "no-cache",
            "Access-Control-Allow-Origin": "*",
        }

    def command(self, name: str, arguments: Mapping[str, str]) -> None:  # noqa: ARG002 - none is known
        """Refuse: each answer has other people as it is.

        Raises:
            UnknownCommandError: always.
        """
        raise UnknownCommandError("people change with every answer, and by nothing else")

    def _people(self, count: int, seed: str) -> Items:
        random = Random(f"seed {seed}" if seed else f"{self._seed} {next(self._calls)}")  # noqa: S311 - made-up content
        return [_person(random) for _ in range(count)]


def _person(random: Random) -> dict[str, Any]:
    nation = random.choice(_NATIONS)
    first, last = random.choice(_FIRST), random.choice(_LAST)
    gender = random.choice(("female", "male"))
    username = f"{random.choice(('silver', 'tiny', 'happy', 'yellow'))}swan{random.randint(100, 999)}"
    password, salt = f"{username[::-1]}-{random.randint(1000, 9999)}", f"{random.getrandbits(32):08x}"
    salted = (password + salt).encode()
    born = f"{random.randint(1945, 2004)}-{random.randint(1, 12):02}-{random.randint(1, 28):02}T07:31:06.447Z"
    joined = f"{random.randint(2005, 2022)}-{random.randint(1, 12):02}-{random.randint(1, 28):02}T22:10:05.831Z"
    picture = f"{'women' if gender == 'female' else 'men'}/{random.randint(0, 99)}.jpg"
    return {
        "gender": gender,
        "name": {"title": "Ms" if gender == "female" else "Mr", "first": first, "last": last},
        "location": {
            "street": {"number": random.randint(1, 9999), "name": random.choice(("Green Lane", "Abay", "Ridge Rd"))},
            "city": nation.city,
            "state": nation.state,
            "country": nation.country,
            "postcode": nation.postcode(random),
            "coordinates": {
                "latitude": f"{random.uniform(-90, 90):.4f}",
                "longitude": f"{random.uniform(-180, 180):.4f}",
            },
            "timezone": {"offset": "+9:30", "description": "Adelaide, Darwin"},
        },
        "email": f"person{random.getrandbits(40):010x}@example.com",
        "login": {
            "uuid": str(UUID(int=random.getrandbits(128), version=4)),
            "username": username,
            "password": password,
            "salt": salt,
            "md5": hashlib.md5(salted, usedforsecurity=False).hexdigest(),
            "sha1": hashlib.sha1(salted, usedforsecurity=False).hexdigest(),
            "sha256": hashlib.sha256(salted).hexdigest(),
        },
        "dob": {"date": born, "age": 2022 - int(born[:4])},
        "registered": {"date": joined, "age": 2022 - int(joined[:4])},
        "phone": _digits(random, "(###)-###-####"),
        "cell": _digits(random, "(###)-###-####"),
        "id": {"name": nation.id_name, "value": nation.id_value(random) if nation.id_value else None},
        "picture": {
            "large": f"https://randomuser.me/api/portraits/{picture}",
            "medium": f"https://randomuser.me/api/portraits/med/{picture}",
            "thumbnail": f"https://randomuser.me/api/portraits/thumb/{picture}",
        },
        "nat": nation.code,
    }
