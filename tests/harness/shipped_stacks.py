"""The stacks as they come with the repository.

`pulumi config set` writes a team's own settings into `Pulumi.<stack>.yaml`, `pulumi stack init` adds a salt to it and
`pulumi stack rm` deletes it. All of that is as it should be, and no test may depend on it: tests take the stacks from
here, and `test_stack_files.py` holds the files to this page as long as nobody has made them his own.
"""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path
from typing import Any, Final

import yaml

from sandbox.engine.program import PROJECT_DIR


def _on_aws(stack: str, **settings: Any) -> dict[str, Any]:
    return {
        "aws:region": "eu-west-2",
        "aws:defaultTags": {"tags": {"project": "baler", "stack": stack, "managed-by": "pulumi"}},
        "baler:pipelines": ["files"],
        **{f"baler:{key}": value for key, value in settings.items()},
    }


SHIPPED: Final[dict[str, dict[str, Any]]] = {
    "dev": _on_aws(
        "dev", privateNetwork=False, liveNetwork="none", rollout="at-once", keepDataOnDestroy=False, logLevel="DEBUG"
    ),
    "staging": _on_aws("staging"),
    "prod": _on_aws("prod", filesMaximumConcurrency=2, protectData=True, logRetentionDays=365),
}
"""The configuration of the stacks on AWS; the stack `local` is the sandbox's own, and nobody's to set."""


@cache
def shipped_project() -> Path:
    """Return a folder with Pulumi.yaml and the stack files as they come with the repository."""
    folder = Path(tempfile.mkdtemp(prefix="baler-shipped-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    for path in (PROJECT_DIR / "Pulumi.yaml", PROJECT_DIR / "Pulumi.local.yaml"):
        if path.exists():  # else whoever reads it says what to do
            shutil.copy(path, folder / path.name)
    for stack, config in SHIPPED.items():
        (folder / f"Pulumi.{stack}.yaml").write_text(yaml.safe_dump({"config": config}), encoding="utf-8")
    return folder
