"""`python -m bench.examples`: the chain on the example photos, whose truth is exact, since our studio rendered them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from pipeline import Matcher
from pipeline.kinds import kind_of
from pipeline.settings import ROOT
from pipeline.training.segmenter_score import mask_overlaps

EXAMPLES = ROOT / "assets" / "examples"
# Share of a garment's mask that a finding must share to show it, as IoU.
FOUND = 0.5


def measure(matcher: Matcher, folder: Path = EXAMPLES) -> dict[str, Any]:
    """How many of the garments in the photos are cut out, found, of the right kind, and matched with their own item.

    A garment is cut out where the mean opacity of its pixels is above a half; found where a piece covers it with an
    IoU of FOUND; matched where its own item is among the matches that the page shows.
    """
    truth = json.loads((folder / "truth.json").read_text())
    counts = {"garments": 0, "cut_out": 0, "found": 0, "right_kind": 0, "own_item": 0}
    for name, garments in truth.items():
        result = matcher.match(folder / name)
        pieces = [row.piece.mask for row in result.pieces]
        for garment in garments:
            with Image.open(folder / garment["mask"]) as image:
                mask = np.asarray(image.convert("L").resize(result.cutout.photo.size)) > 127
            counts["garments"] += 1
            counts["cut_out"] += bool(result.cutout.alpha[mask].mean() > 128)
            overlaps = mask_overlaps(pieces, [mask])
            if not len(overlaps) or overlaps.max() < FOUND:
                continue
            row = result.pieces[int(overlaps.argmax())]
            counts["found"] += 1
            counts["right_kind"] += row.piece.label == kind_of(garment["category"])
            counts["own_item"] += garment["id"] in [match.item.id for match in row.matches]
    return {"photos": len(truth), **counts, "matches": matcher.settings.top, "models": matcher.models}


def main() -> None:
    """Print the figures as JSON."""
    print(json.dumps(measure(Matcher.load()), indent=1))


if __name__ == "__main__":
    main()
