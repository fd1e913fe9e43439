"""The requirements of the five documents, a module each, and where each of them is built."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from requirements_table.catalogue.events import EVENTS
from requirements_table.catalogue.lake import LAKE
from requirements_table.catalogue.minio import MINIO
from requirements_table.catalogue.pull import PULL
from requirements_table.catalogue.push import PUSH

if TYPE_CHECKING:
    from requirements_table.catalogue.requirement import Document

DOCUMENTS: Final[tuple[Document, ...]] = (PULL, PUSH, MINIO, LAKE, EVENTS)
"""In the order of their numbers."""
