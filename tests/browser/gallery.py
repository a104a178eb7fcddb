"""The gallery: each of our example photos beside the best match of each piece, as a page of docs."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from PIL import Image

from pipeline.matcher import Matcher
from pipeline.outfit import as_picture, best
from pipeline.settings import Settings
from pipeline.ui.examples import OWN, find_examples

NAME = "gallery.md"
SIDE = 1100
_HEAD = """# Gallery

What the bundled models make of the example photos, as it came out: `make screenshots` writes this page. On the left the
photo with the pieces that were found, on the right the best match of each; a number without a picture had nothing close
enough in the catalogue. Photos and garments are our own renderings ([catalogue.md](catalogue.md)).
"""


def write(page: Path, pictures: Path) -> None:
    """Match every example, and write the page and its pictures."""
    pictures.mkdir(parents=True, exist_ok=True)
    matcher = Matcher.load(replace(Settings.from_environment(), source="bundled"))
    parts = [_HEAD]
    for example in find_examples():
        # Photos that packages bring along are not ours to show.
        if example.path.parent != OWN:
            continue
        result = matcher.match(example.path)
        look = best(result, {})
        target = pictures / f"{example.path.stem}.webp"
        sheet = Image.fromarray(as_picture(look, matcher))
        sheet.thumbnail((SIDE, SIDE), Image.Resampling.LANCZOS)
        sheet.save(target, quality=82)
        labels = ", ".join(row.piece.label for row in result.pieces)
        found = f"{len(look.rows)} of {len(result.pieces)} pieces have a match"
        parts.append(
            f"## {example.name}\n\nFound: {labels}; {found}.\n\n"
            f"![{example.name}: {labels}, and their best matches]({target.relative_to(page.parent).as_posix()})\n"
        )
    page.write_text("\n".join(parts))
