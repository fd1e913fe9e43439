"""An archive in moto, and the command at it."""

from harness.archive_fixtures import baler, calls, settings, site, slow_restores

__all__ = ["baler", "calls", "settings", "site", "slow_restores"]
