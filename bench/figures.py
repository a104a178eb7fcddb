"""Write the bundled models' figures into the README, from the registry that the training commands wrote.

`python -m bench.figures`, or `--check` to say whether they are there already.
"""

import json
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
README, REGISTRY = ROOT / "README.md", ROOT / "assets" / "models" / "registry.json"
START, END = "<!-- figures: make figures -->\n", "<!-- end of figures -->"

# (slot, what it says, the figures within the slot's entry)
ROWS: tuple[tuple[str, str, tuple[tuple[str, str], ...]], ...] = (
    ("cutout", "IoU of the dressed person, street photos / groups", (("street photos", "iou"), ("groups", "iou"))),
    ("pieces", "kinds against the tags of photos never seen, F1", (("tags", "f1"),)),
    ("pieces", "single garments at home / on white: main piece of the right kind",
     (("home", "right kind, photo"), ("home", "right kind, on white"))),
    ("pieces", "composed photos of 1-4 people at any size: large garments found with the right kind",
     (("people", "found with the right kind"),)),
    ("pieces", "mask mAP50 / mAP50-95, street photos that the first stage had seen",
     (("photo", "mAP50"), ("photo", "mAP50_95"))),
    ("embeddings", "precision at 10 among held-out garments, 17 labels / 10 large labels",
     (("home, 17 labels, among the held-out", "precision at 10"),
      ("home, 10 large labels, among the held-out", "precision at 10"))),
    ("embeddings", "label by a vote of the 10 nearest, 10 large labels",
     (("home, 10 large labels, against the training part", "label by vote of 10"),)),
    ("embeddings", "category / colour named right from words alone",
     (("words", "category from words"), ("words", "colour from words"))),
    ("embeddings", "one-shot: unseen article in another drape, right one first / in the first 10",
     (("one-shot: photos of held-out items in another drape against the catalogue's pictures", "right article first"),
      ("one-shot: photos of held-out items in another drape against the catalogue's pictures",
       "right article in first 10"))),
    ("embeddings", "“red striped t-shirt”: one of that category and colour among the first 5",
     (("descriptions of the catalogue's items", "right category and colour among the first 5"),)),
)  # fmt: skip


def table(registry: dict[str, Any]) -> str:
    """The figures as a Markdown table."""
    lines = ["| model | figure | measured |", "|---|---|---|"]
    for slot, title, places in ROWS:
        values = " / ".join(f"{registry[slot]['figures'][part][name]:.3f}" for part, name in places)
        lines.append(f"| {slot} | {title} | {values} |")
    return "\n".join(lines) + "\n"


def filled(readme: str, registry: dict[str, Any]) -> str:
    """The README with the table between its two marks."""
    before, rest = readme.split(START)
    return before + START + table(registry) + END + rest.split(END)[1]


def main() -> int:
    """Write the table, or with --check tell by the exit code whether it is up to date."""
    readme = README.read_text()
    wanted = filled(readme, json.loads(REGISTRY.read_text()))
    if "--check" not in sys.argv[1:]:
        README.write_text(wanted)
    elif wanted != readme:
        print("The figures in README.md are not those of the registry; run `make figures`.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
