"""Write the figures that the documents quote, from the JSON that the measuring commands wrote.

`python -m bench.figures`, or `--check` to say whether they are there already. A document quotes figures between
`<!-- figures: NAME -->` and `<!-- end of figures -->`; what stands there is never typed by hand. The files in
`docs/figures` come from `make report`, `make bench`, `make bench-index` and
`make bench-map`; the models' registry from the trainings.
"""

import json
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench import evaluated, oneshot

ROOT = Path(__file__).resolve().parent.parent
REGISTRY, FIGURES = ROOT / "assets" / "models" / "registry.json", ROOT / "docs" / "figures"
PART = re.compile(r"(<!-- figures: ([a-z-]+) -->\n).*?(<!-- end of figures -->)", re.DOTALL)

# (slot, what it says, the figures within the slot's entry)
ROWS: tuple[tuple[str, str, tuple[tuple[str, str], ...]], ...] = (
    ("cutout", "IoU of the dressed person, street photos / groups", (("street photos", "iou"), ("groups", "iou"))),
    ("pieces", "kinds against the tags of photos never seen, F1", (("tags", "f1"),)),
    ("pieces", "single garments at home / on white: main piece of the right kind, as published",
     (("home", "right kind, photo"), ("home", "right kind, on white"))),
    ("pieces", "the same, names reviewed",
     (("home", "right kind, photo, names reviewed"), ("home", "right kind, on white, names reviewed"))),
    ("pieces", "composed photos of 1-4 people at any size: large garments found, names reviewed / as published",
     (("people", "found with the right kind, names reviewed"), ("people", "found with the right kind"))),
    ("pieces", "bus.jpg, zidane.jpg, astronaut: large garments found", (("familiar", "found with the right kind"),)),
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


def models(registry: dict[str, Any]) -> str:
    """The bundled models' own figures, as their trainings wrote them."""
    lines = ["| model | figure | measured |", "|---|---|---|"]
    for slot, title, places in ROWS:
        values = " / ".join(f"{registry[slot]['figures'][part][name]:.3f}" for part, name in places)
        lines.append(f"| {slot} | {title} | {values} |")
    return "\n".join(lines)


def speed(told: dict[str, Any]) -> str:
    """Time of every stage, and photos a second."""
    width, height = told["photo"]
    stages = ("decode", "cutout", "pieces", "embeddings", "search")
    lines = [
        f"Measured on {told['date']}: {told['machine']}, {told['threads']} threads a model run, `bus.jpg` at {width} x "
        f"{height}, medians of {told['rounds']} rounds in milliseconds.",
        "",
        f"| pieces | {' | '.join(stages)} | total | bare | total / bare |",
        "|---" * (len(stages) + 4) + "|",
    ]
    for count, row in told["rows"].items():
        cells = " | ".join(f"{row[name]:.1f}" for name in stages)
        lines.append(f"| {count} | {cells} | **{row['total']:.1f}** | {row['bare']:.1f} | {row['ratio']:.2f} |")
    rates = [f"{n} {'caller' if n == '1' else 'callers'}: {rate:.1f} photos/s" for n, rate in told["rates"].items()]
    load = f"The three models' files take {told['loading']['mebibytes']} MiB; they and the index load in "
    load += f"{told['loading']['seconds']} s, once the libraries are imported."
    return "\n".join([*lines, "", "; ".join(rates) + ".", "", load])


def examples(told: dict[str, Any]) -> str:
    """The chain on the example photos."""
    return (
        f"On the {told['photos']} example photos, rendered with exact truth, the chain cuts out {told['cut_out']} of "
        f"{told['garments']} garments, finds {told['found']} at an IoU of 0.5 or more, names the kind of "
        f"{told['right_kind']} of those rightly, and shows the garment's own item among the first {told['matches']} "
        f"matches of {told['own_item']}."
    )


def descriptions(told: dict[str, Any]) -> str:
    """Words over the demo catalogue."""
    return (
        f"Asked for in words, as the demo catalogue's {told['descriptions']} kinds of article are described (“red "
        f"striped t-shirt”): {told['right_among_first']:.1%} of the time an item of that category and colour is among "
        f"the first {told['first']}, and these hold {told['share_of_right_found']:.1%} of the right ones that could be "
        "there."
    )


def search(told: dict[str, Any]) -> str:
    """Flat search against inverted lists."""
    from bench.index import tables

    return tables(told)


def fashion_map(told: dict[str, Any]) -> str:
    """The fashion map's time and faithfulness."""
    from bench.map import tables

    return tables(told)


# What a document may quote: the name, the file in docs/figures that it comes from, how it is written.
PARTS: dict[str, tuple[Path, Callable[[dict[str, Any]], str]]] = {
    "models": (REGISTRY, models),
    "speed": (FIGURES / "speed.json", speed),
    "examples": (FIGURES / "examples.json", examples),
    "descriptions": (FIGURES / "descriptions.json", descriptions),
    "search": (FIGURES / "search.json", search),
    "map": (FIGURES / "map.json", fashion_map),
    "oneshot-tables": (FIGURES / "oneshot.json", oneshot.tables),
    "segmentation": (FIGURES / "segmentation.json", evaluated.segmentation),
    "classification": (FIGURES / "classification.json", evaluated.classification),
    "retrieval": (FIGURES / "retrieval.json", evaluated.retrieval),
}


def filled(page: str) -> str:
    """The text of a document with every part between its two marks.

    Raises:
        KeyError: the document asks for a part that there is not.
    """

    def part(found: re.Match[str]) -> str:
        path, write = PARTS[found[2]]
        told = write(json.loads(path.read_text())) if path.exists() else "Not measured yet: `make report` does."
        return f"{found[1]}{told}\n{found[3]}"

    return PART.sub(part, page)


def pages() -> list[Path]:
    """The documents that may quote figures."""
    return [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def stale() -> list[str]:
    """The documents whose figures are not those of the files."""
    return [path.name for path in pages() if filled(path.read_text()) != path.read_text()]


def main() -> int:
    """Write the parts, or with --check tell by the exit code whether they are up to date."""
    if "--check" not in sys.argv[1:]:
        for path in pages():
            path.write_text(filled(path.read_text()))
    elif names := stale():
        print(f"Other figures than those measured: {', '.join(names)}; run `make figures`.", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
