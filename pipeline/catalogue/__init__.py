"""A catalogue of one's own: pictures from a folder or a CSV into an index, and out again.

`add`, `remove` and `export` are all that the command line and the page use.
"""

from __future__ import annotations

from pipeline.catalogue.adding import OWN_PICTURES, Added, Duplicate, add
from pipeline.catalogue.changing import export, remove
from pipeline.catalogue.clothing_dataset import CLOTHING_DATASET, clothing_dataset
from pipeline.catalogue.looking import Stages
from pipeline.catalogue.preparing import embed_files, prepare_picture
from pipeline.catalogue.sources import Source, read_folder, read_labels, read_source
from pipeline.catalogue.steps import Cancelled, Meter, Progress, Step, Stopped

__all__ = [
    "CLOTHING_DATASET", "OWN_PICTURES", "Added", "Cancelled", "Duplicate", "Meter", "Progress", "Source", "Stages",
    "Step", "Stopped", "add", "clothing_dataset", "embed_files", "export", "prepare_picture", "read_folder",
    "read_labels", "read_source", "remove",
]  # fmt: skip
