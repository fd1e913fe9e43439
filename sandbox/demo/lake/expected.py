"""What the records have to be, by what was sent: written by the words of the document, not by the code of the lake."""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, Final

from sandbox.sources.running import PEOPLE, POSTS, TIDES

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from sandbox.sources.stand_in import Sent


@dataclass(frozen=True, slots=True)
class Expected:
    """A record that has to be there.

    Attributes:
        id: its name.
        source: its source's.
        fields: declared ones, as the API shows them on top.
        document: as the API shows it.
        secrets: texts that must be nowhere in it.
    """

    id: str
    source: str
    fields: Mapping[str, Any]
    document: Any
    secrets: Sequence[str] = ()


def expected_of(sent: Mapping[str, Sequence[Sent]]) -> dict[str, Expected]:
    """Return the records by id: of what was sent twice, what was sent last.

    Args:
        sent: the good answers of each source, in the order in which they were fetched.
    """
    return {
        record.id: record
        for source, answers in sent.items()
        for answer in answers
        for record in records_in(source, answer.body)
    }


def records_in(source: str, body: bytes) -> Iterator[Expected]:
    """Yield the records of an answer."""
    items, record = _READ[source]
    yield from map(record, items(json.loads(body, parse_float=Decimal)))


def _post(item: Mapping[str, Any]) -> Expected:
    fields = {name: item[name] for name in ("userId", "title", "body")}
    return Expected(f"jsonplaceholder-{item['id']}", POSTS, fields, dict(item))


def _person(item: Mapping[str, Any]) -> Expected:
    name, location, login = item["name"], item["location"], item["login"]
    fields = {
        "first_name": name["first"],
        "last_name": name["last"],
        "email": item["email"],
        "gender": item["gender"],
        "city": location["city"],
        "country": location["country"],
        "postcode": str(location["postcode"]),
    }
    secrets = [login[name] for name in ("username", "password", "salt", "md5", "sha1", "sha256")]
    number = item["id"]["value"]
    document = {**fields, "postcode": location["postcode"]}
    return Expected(
        f"randomuser-{login['uuid']}", PEOPLE, fields, document, [*secrets, *([number] if number is not None else [])]
    )


def _reading(item: Mapping[str, Any]) -> Expected:
    fields = {"gauge": item["gauge"]["name"], **{name: item[name] for name in ("level_m", "rising", "taken_at")}}
    return Expected(f"tide--gauges-{item['reading']}", TIDES, fields, fields)


_READ: Final[Mapping[str, tuple[Callable[[Any], Iterable[Any]], Callable[[Any], Expected]]]] = {
    POSTS: (lambda document: document, _post),
    PEOPLE: (lambda document: document["results"], _person),
    TIDES: (lambda document: document["data"], _reading),
}
