"""What becomes of requests and of what is on its way: a profile, as `PUT /_baler/wire` and `profiles/` write it.

{"name": "mine", "seed": 7, "spared": ["test"],
 "latency": {"s3": {"p50_ms": 30, "p99_ms": 200}},
 "faults": [{"kind": "reset", "service": "s3", "operation": "GetObject", "rate": 0.01},
            {"kind": "silent", "service": "s3", "when": "midway", "about": "landing/", "count": 1}],
 "events": {"delay": {"p50_ms": 500, "p99_ms": 3000}, "twice": 0.01},
 "functions": {"connections_die": 0.05}}
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, Final, TypeVar

from baler_wire.deliveries import Events, Functions, Invocations, Items, Messages
from baler_wire.latency import Latency, ProfileError

KINDS: Final = ("throttled", "partial", "failed", "reset", "silent", "closed", "slow")
WHENS: Final = ("", "before", "midway", "after")
NONE: Final = "none"
OWN: Final = "own"
"""Of a profile that came without a name."""

_Model = TypeVar("_Model")

_FOLDER: Final = Path(__file__).with_name("profiles")


@dataclass(frozen=True)
class Fault:
    """What becomes of some requests.

    Attributes:
        kind: `throttled`, refused as the service refuses who asks too much, and without effect; `partial`, so are some
            entries of a batch (see `batches`); `failed`, 500, whether or not it had its effect; `reset`, the connection
            is; `silent`, the connection stays, and nothing comes any more; `closed`, the answer says that the
            connection ends with it, and it does; `slow`, it takes `seconds` more.
        service: as botocore names it, `s3`; `*` for all.
        operation: of the service's API; `*` for all.
        rate: the share of requests, 0 to 1.
        when: for `failed`, `reset` and `silent`: `before` it has its effect, `midway` in the answer, or `after` the
            effect and before the answer; empty to draw one.
        about: a text that the request has in its target or body; empty for any.
        skip: so many requests pass first.
        count: so many meet it at most; None for any number.
        seconds: of `slow`.
    """

    kind: str
    service: str = "*"
    operation: str = "*"
    rate: float = 1.0
    when: str = ""
    about: str = ""
    skip: int = 0
    count: int | None = None
    seconds: float = 0.0

    def __post_init__(self) -> None:
        """Refuse what is no fault."""
        if self.kind not in KINDS:
            raise ProfileError(f"faults: kind is one of {', '.join(KINDS)}, not {self.kind!r}")
        if self.when not in WHENS:
            raise ProfileError(f"faults: when is before, midway, after or empty, not {self.when!r}")
        if not 0 <= self.rate <= 1:
            raise ProfileError("faults: rate is a share, 0 to 1")
        if (self.kind == "slow") != (self.seconds > 0):
            raise ProfileError("faults: seconds above 0 belong to slow, and to nothing else")

    @property
    def ends_before(self) -> bool:
        """Whether it ends a request that no service sees."""
        return self.kind in {"reset", "silent"} and self.when == "before"

    @property
    def loses_answer(self) -> bool:
        """Whether the request has its effect, and its answer does not arrive, or in part."""
        return self.kind in {"reset", "silent"} and self.when != "before"


@dataclass(frozen=True)
class Profile:
    """What becomes of requests.

    Attributes:
        name: that people know it by.
        seed: the same requests in the same order meet the same with the same seed.
        spared: access keys of those who meet nothing of it, the one who deploys and checks, for example. Neither do the
            services of the sandbox when they call one another.
        latency: by service as botocore names it; `*` for all others.
        faults: each request meets the first that it draws, in this order.
        events, messages, invocations, functions, items: see `deliveries`.
    """

    name: str = NONE
    seed: int = 0
    spared: tuple[str, ...] = ()
    latency: Mapping[str, Latency] = field(default_factory=dict[str, Latency])
    faults: tuple[Fault, ...] = ()
    events: Events = field(default_factory=Events)
    messages: Messages = field(default_factory=Messages)
    invocations: Invocations = field(default_factory=Invocations)
    functions: Functions = field(default_factory=Functions)
    items: Items = field(default_factory=Items)

    def document(self) -> dict[str, Any]:
        """Return it as `profile_of` reads it."""
        return asdict(self)


def profile_of(document: Mapping[str, Any]) -> Profile:
    """Read a profile; one that has but a name of `profiles/`, and perhaps a seed and who else is spared, is that one.

    Raises:
        ProfileError: it is none; the message says why.
    """
    if {*document} <= {"name", "seed", "spared"} and document.get("name", NONE) != NONE:
        named = profile_named(str(document["name"]))
        spared = (*named.spared, *document.get("spared", ()))
        return replace(named, seed=int(document.get("seed", named.seed)), spared=spared)
    _know(document, Profile, "a profile")
    try:
        return Profile(
            name=str(document.get("name", OWN if document else NONE)),
            seed=int(document.get("seed", 0)),
            spared=tuple(document.get("spared", ())),
            latency={
                service: Latency(**_know(values, Latency, "latency"))
                for service, values in document.get("latency", {}).items()
            },
            faults=tuple(Fault(**_know(values, Fault, "faults")) for values in document.get("faults", ())),
            events=_deliveries(document, "events", Events),
            messages=_deliveries(document, "messages", Messages),
            invocations=_deliveries(document, "invocations", Invocations),
            functions=_deliveries(document, "functions", Functions),
            items=_deliveries(document, "items", Items),
        )
    except (TypeError, AttributeError) as error:
        raise ProfileError(f"no profile: {error}") from error


def profile_named(name: str) -> Profile:
    """Return the profile of a name, `none`, `aws` or `bad-day`, or of a TOML file.

    Raises:
        ProfileError: there is none, or the file has none.
    """
    if name == NONE:
        return Profile()
    file = Path(name) if name.endswith(".toml") else _FOLDER / f"{name}.toml"
    try:
        text = file.read_text(encoding="utf-8")
    except OSError as error:
        known = ", ".join([NONE, *sorted(known.stem for known in _FOLDER.glob("*.toml"))])
        raise ProfileError(f"there is no profile {name}; there are {known}") from error
    try:
        return profile_of({"name": file.stem, **tomllib.loads(text)})
    except tomllib.TOMLDecodeError as error:
        raise ProfileError(f"{file}: {error}") from error


def _deliveries(document: Mapping[str, Any], name: str, model: type[_Model]) -> _Model:
    values = dict(_know(document.get(name, {}), model, name))
    if values.get("delay") is not None:
        values["delay"] = Latency(**_know(values["delay"], Latency, f"{name}: delay"))
    return model(**values)


def _know(document: Any, model: type, where: str) -> Mapping[str, Any]:
    if not isinstance(document, Mapping):
        raise ProfileError(f"{where}: an object is expected, not {document!r}")
    unknown = {*document} - {known.name for known in fields(model)}
    if unknown:
        raise ProfileError(f"{where}: unknown {', '.join(sorted(map(str, unknown)))}")
    return document
