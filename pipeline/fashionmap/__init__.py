"""The fashion map: a catalogue, or the pieces of many photos, laid out in the plane so that what is alike lies close.

    points -> neighbours -> places (t-SNE or UMAP) -> cells of a grid -> clusters with names
              exact kNN     openTSNE, umap-learn     scipy            scikit-learn

A layout is kept beside the index and follows it: new items find a place, removed ones leave, nothing else moves.
"""

from __future__ import annotations

from pipeline.fashionmap.cache import kept_layout
from pipeline.fashionmap.layout import Layout, follow, make
from pipeline.fashionmap.picture import write_picture
from pipeline.fashionmap.placing import place, seat
from pipeline.fashionmap.points import MOST, Points, points_of_folder, points_of_index
from pipeline.fashionmap.projection import METHODS
from pipeline.fashionmap.quality import Quality, measure
from pipeline.fashionmap.standalone import write_page

__all__ = [
    "METHODS", "MOST", "Layout", "Points", "Quality", "follow", "kept_layout", "make", "measure", "place",
    "points_of_folder", "points_of_index", "seat", "write_page", "write_picture",
]  # fmt: skip
