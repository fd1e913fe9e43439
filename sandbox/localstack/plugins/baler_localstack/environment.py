"""The environment variables of a function: what AWS sets and what its configuration says, nothing of LocalStack's."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from localstack.services.lambda_.invocation.lambda_models import FunctionVersion

# Where AWS's `/var/lang` interpreter needs none of these, one built with a shared library may need the second.
_INHERITED = ("PATH", "LD_LIBRARY_PATH")


def _is_localstacks(name: str) -> bool:
    return name.startswith("LOCALSTACK_") or name == "EDGE_PORT"


def function_environment(
    variables: Mapping[str, Any], function: FunctionVersion, code: Path, scratch: str
) -> dict[str, str]:
    """Return the child's environment.

    Args:
        variables: what LocalStack would give to its container, the function's own among them.
        function: the `FunctionVersion`.
        code: folder of the unzipped package.
        scratch: folder that stands in for AWS's `/tmp` and for the home directory, so that neither
            files of other functions nor the developer's `~/.aws` are seen.
    """
    own = function.config.environment or {}
    return {
        **{name: os.environ[name] for name in _INHERITED if name in os.environ},
        "LANG": "en_US.UTF-8",
        "HOME": scratch,
        "TMPDIR": scratch,
        **{name: str(value) for name, value in variables.items() if not _is_localstacks(name)},
        "AWS_EXECUTION_ENV": f"AWS_Lambda_{function.config.runtime}",
        **own,
        "LAMBDA_TASK_ROOT": str(code),
    }
