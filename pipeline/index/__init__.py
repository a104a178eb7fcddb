"""The published index: vectors (Faiss), items (SQLite) and a manifest, written last.

Data files carry their content's hash in their names and the manifest names them. Publishing is one rename of the
manifest, so whatever is interrupted at whatever moment, the last published index opens.
"""

from __future__ import annotations

from pipeline.index.facets import Facets
from pipeline.index.items import PictureFile
from pipeline.index.manifest import MANIFEST, Manifest
from pipeline.index.opened import Index
from pipeline.index.publishing import Draft, editing, publish, relative_image, unwritable

__all__ = [
    "MANIFEST", "Draft", "Facets", "Index", "Manifest", "PictureFile", "editing", "publish", "relative_image",
    "unwritable",
]  # fmt: skip
