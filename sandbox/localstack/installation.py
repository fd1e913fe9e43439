"""What `make setup` prepares for LocalStack."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from sandbox.errors import SandboxError

_REPOSITORY: Final = Path(__file__).resolve().parents[2]


@dataclass(frozen=True)
class Installation:
    """Folders of two virtual environments and of Node's packages."""

    localstack: Path
    """Has LocalStack and the plugins."""
    function: Path
    """Has what AWS's Python runtime has, and nothing else: functions run by its interpreter."""
    node_modules: Path = _REPOSITORY / "sandbox" / "iam" / "node_modules"
    """Has what judges by IAM's policies; `evaluator.mjs` stands beside it."""

    @property
    def evaluator(self) -> Path:
        """The program that judges."""
        return self.node_modules.with_name("evaluator.mjs")

    def require(self) -> None:
        """Return if both are complete.

        Raises:
            SandboxError: if not, saying how to complete them.
        """
        for environment in (self.localstack, self.function, self.node_modules):
            # make writes this file last: an interrupted installation has none.
            if not (environment / ".ready").exists():
                raise SandboxError(f"{environment.name} is not installed, or not completely: run `make setup`.")


def interpreter(environment: Path) -> Path:
    """Return the Python of a virtual environment."""
    return environment / "bin" / "python"


INSTALLED: Final = Installation(_REPOSITORY / ".venv-localstack", _REPOSITORY / ".venv-lambda")
