"""Readers of public data sets in their upstream layout, and the fixed split of held-out pictures.

One module a format; `sources` finds out which sets a folder holds and asks them for photos with masks (`Street`) and
for single garments (`Garment`), all in the words of `pipeline.kinds`.
"""

from pipeline.kinds import KIND_OF_CATEGORY, KINDS
from pipeline.training.datasets.ccp import (
    CATEGORY_OF_CCP_LABEL,
    CCP,
    CCP_LABELS_OF_KIND,
    ccp_label_names,
    ccp_stems,
    read_street,
)
from pipeline.training.datasets.clothing_dataset import CATEGORY_OF_GARMENT_LABEL, GARMENTS, LARGE_GARMENT_LABELS
from pipeline.training.datasets.instances import Streets
from pipeline.training.datasets.records import (
    LONGEST_SIDE,
    DataUnreadable,
    Garment,
    Street,
    bounded,
    held_out,
    keep_picture,
    kind_lookup,
    read_levels,
    read_rgb,
)
from pipeline.training.datasets.sources import (
    BUNDLED_SETS,
    FORMATS,
    MOST,
    Data,
    FormatName,
    TrainingData,
    opened,
    put_right,
    read_garments,
    read_streets,
)

__all__ = [
    "BUNDLED_SETS", "CATEGORY_OF_CCP_LABEL", "CATEGORY_OF_GARMENT_LABEL", "CCP", "CCP_LABELS_OF_KIND", "Data",
    "DataUnreadable", "FORMATS", "FormatName", "GARMENTS", "Garment", "KINDS", "KIND_OF_CATEGORY",
    "LARGE_GARMENT_LABELS", "LONGEST_SIDE", "MOST", "Street", "Streets", "TrainingData", "bounded", "ccp_label_names",
    "ccp_stems", "held_out", "keep_picture", "kind_lookup", "opened", "put_right", "read_garments", "read_levels",
    "read_rgb", "read_street", "read_streets",
]  # fmt: skip
