"""Glue's and Athena's control planes from moto, which LocalStack brings; LocalStack itself has neither.

Databases, tables, partitions and workgroups are kept and answered. Nothing runs a query.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from localstack.services.plugins import aws_provider

from baler_localstack.control_plane import from_moto
from baler_localstack.glue_versions import check_versions

if TYPE_CHECKING:
    from localstack.services.plugins import Service


@aws_provider(api="glue", name="default")
def glue() -> Service:
    """Return Glue, which refuses updates of tables that are of another version than the caller read."""
    check_versions()
    return from_moto("glue")


@aws_provider(api="athena", name="default")
def athena() -> Service:
    """Return Athena."""
    return from_moto("athena")
