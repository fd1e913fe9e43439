"""`baler verify` at an archive in moto."""

from harness.archive_fixtures import baler, calls, settings, site

__all__ = ["baler", "calls", "settings", "site"]
