"""How the listener behaves: whom it lets in, and what it is told to do wrong."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Behaviour:
    """What is set while the listener runs; the defaults are those of a good receiver.

    Attributes:
        subjects: a pattern that must match all of the subject of a client's certificate, as NiFi writes it:
            `O=Baler, CN=courier`. "" for any.
        user, password: of basic authentication; "" for none.
        header, token: a header that every request must have; "" for none.
        status: is said to every POST before its body is read; 0 for what is true.
        retry_after: is said beside it; "" for nothing.
        delay_seconds: passes before an answer, once the bundle was kept.
        silent: the request is read, the bundle kept, and the connection ended without an answer.
        knows_expect: `Expect: 100-continue` is answered.
        refuses_expect: `Expect` is answered 417.
        keeps: False for a full disk: 500, and nothing is kept.
        notes_first: the bundle's id is noted before it is kept, as no receiver should.
        echoes: the answer's body is the bundle.
    """

    subjects: str = ""
    user: str = ""
    password: str = field(default="", repr=False)
    header: str = ""
    token: str = field(default="", repr=False)
    status: int = 0
    retry_after: str = ""
    delay_seconds: float = 0.0
    silent: bool = False
    knows_expect: bool = True
    refuses_expect: bool = False
    keeps: bool = True
    notes_first: bool = False
    echoes: bool = False

    def to_json(self) -> str:
        """Return it as one line."""
        return json.dumps(asdict(self))

    @classmethod
    def parse(cls, line: str) -> Behaviour:
        """Read a line."""
        fields: dict[str, Any] = json.loads(line)
        return cls(**fields)
