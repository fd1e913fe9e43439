"""The policies that the table makes: a file for what every stack needs, and one for each thing that some have."""

from __future__ import annotations

import json
from typing import Any, Final

from deployer_policy.table import TABLE
from sandbox.engine.program import PROJECT_DIR

FOLDER: Final = PROJECT_DIR / "docs" / "deployer"
STALE: Final = "The policies in docs/deployer are not what the table says: make docs"
# Characters of a managed policy, blanks not counted (IAM user guide, "IAM and AWS STS quotas").
LONGEST: Final = 6144


def documents() -> dict[str, str]:
    """Return the text of each file, by its name."""
    actions: dict[tuple[str, str, tuple[str, ...], str], set[str]] = {}
    for rights in (each for of_type in TABLE.values() for each in of_type):
        condition = json.dumps(rights.condition, sort_keys=True) if rights.condition else ""
        group = (rights.document, rights.service, rights.resources, condition)
        actions.setdefault(group, set()).update(rights.actions.split())
    found: dict[str, list[dict[str, Any]]] = {}
    for (document, service, resources, condition), names in sorted(actions.items()):
        statement = {
            "Effect": "Allow",
            "Action": [f"{service}:{name}" for name in sorted(names)],
            "Resource": list(resources) if len(resources) > 1 else "".join(resources),
        }
        found.setdefault(document, []).append(statement | ({"Condition": json.loads(condition)} if condition else {}))
    return {
        f"{document}.json": json.dumps({"Version": "2012-10-17", "Statement": statements}, indent=2) + "\n"
        for document, statements in found.items()
    }
