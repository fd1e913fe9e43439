from __future__ import annotations

from simulation.conftest import one_core

__all__ = ["one_core"]
