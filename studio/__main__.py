"""Command line: ``python -m studio``."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from studio.catalogue import FOLDER, build, write_rows
from studio.picture import contact_sheet


def main(arguments: list[str] | None = None) -> int:
    """Run the command line and return its exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m studio",
        description="Sew, drape and photograph the demo catalogue. Existing pictures are kept.",
    )
    parser.add_argument("--only", nargs="+", default=[], metavar="ID", help="render these items (or cuts) again")
    parser.add_argument("--seed", type=int, default=1, help="seed of the drapes (default 1)")
    parser.add_argument("--limit", type=int, default=0, help="stop after this many pictures")
    parser.add_argument("--rows", action="store_true", help="only write items.csv again")
    parser.add_argument("--sheet", type=Path, metavar="PNG", help="only write a contact sheet of what exists")
    parser.add_argument("--drapes", action="store_true", help="render the second drapes instead")
    parser.add_argument("--outfits", action="store_true", help="compose the example photographs instead")
    options = parser.parse_args(arguments)
    if options.sheet:
        contact_sheet(sorted(FOLDER.glob("*.webp"))).save(options.sheet)
        return 0
    if options.rows:
        print(f"{write_rows()} items")
        return 0
    if options.drapes:
        from studio.variants import build as build_drapes

        return 1 if build_drapes(options.only) else 0
    if options.outfits:
        from studio.outfits import build_outfits

        build_outfits()
        return 0
    return 1 if build(options.only, options.seed, options.limit) else 0


if __name__ == "__main__":
    sys.exit(main())
