"""Many photos -> what they hold: every piece, the garments behind them, counted; one garment in five photos is one."""

from __future__ import annotations

from pipeline.wardrobe.counting import FIELDS, Wardrobe
from pipeline.wardrobe.grouping import Garment
from pipeline.wardrobe.looking import Seen, Sighting, look_through, named
from pipeline.wardrobe.threshold import Threshold, checked, threshold_of
from pipeline.wardrobe.words import plural, sentence, top_counts, top_words
from pipeline.wardrobe.writing import as_csv, wardrobe_document

__all__ = [
    "FIELDS", "Garment", "Seen", "Sighting", "Threshold", "Wardrobe", "as_csv", "checked", "look_through", "named",
    "plural", "sentence", "threshold_of", "top_counts", "top_words", "wardrobe_document",
]  # fmt: skip
