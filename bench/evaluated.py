"""What `python -m pipeline evaluate … --json` says, as the tables of the documents."""

from collections.abc import Mapping, Sequence
from typing import Any

ROWS = {"as_run": "chain as run", "photo_alone": "detector on the photo alone"}
READINGS = {
    "neighbours": "label, by a vote of the 10 nearest",
    "words": "category, by the nearest words",
    "kinds": "kind, as the embedder reads it",
}
ASKED = {"same_label": "garments of the same label", "same_article": "other pictures of the same article"}


def table(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table; all columns but the first are numbers."""
    lines = [f"| {' | '.join(columns)} |", "|---|" + "--:|" * (len(columns) - 1)]
    return "\n".join([*lines, *(f"| {' | '.join(row)} |" for row in rows)])


def bounded(figure: Mapping[str, float]) -> str:
    """A figure with its bounds, where it has any."""
    bounds = f" ({figure['low']:.3f} to {figure['high']:.3f})" if "low" in figure else ""
    return f"{figure['value']:.3f}{bounds}"


def measured(told: Mapping[str, Any], what: str) -> str:
    """On what, and with which models."""
    split = {"held-out": "held out", "all": "all"}[told["split"]]
    return f"{told[what]} {what}, {split} ({', '.join(told['formats'])}); {', '.join(told['models'].values())}."


def segmentation(told: dict[str, Any]) -> str:
    """AP of masks and boxes, in all and by kind."""
    overall = table(
        ["", "mask mAP50", "mask mAP50-95", "box mAP50", "box mAP50-95", "mean IoU", "precision", "recall"],
        [
            [
                title,
                *(f"{told[way][form][mean]:.3f}" for form in ("mask", "box") for mean in ("map50", "map50_95")),
                *(f"{told[way][name]:.3f}" for name in ("mean_iou", "precision", "recall")),
            ]
            for way, title in ROWS.items()
        ],
    )
    kinds = sorted(told["as_run"]["by_kind"].items(), key=lambda row: -row[1]["mask_ap50"])
    alone = told["photo_alone"]["by_kind"]
    by_kind = table(
        ["kind", "pieces", "AP50 as run", "AP50-95 as run", "AP50 photo alone", "AP50-95 photo alone"],
        [
            [
                kind,
                f"{row['pieces']:,}",
                *(f"{part['mask_' + name]:.3f}" for part in (row, alone[kind]) for name in ("ap50", "ap50_95")),
            ]
            for kind, row in kinds
        ],
    )
    said = f"{told['pieces']} pieces in {measured(told, 'photos')}"
    return f"{said} Precision and recall at a confidence of {told['confidence']}.\n\n{overall}\n\n{by_kind}"


def classification(told: dict[str, Any]) -> str:
    """Top-1 and top-5 of each reading."""
    rows = [
        [title, str(told[name]["classes"]), str(told[name]["garments"]), bounded(told[name]["top1"]),
         bounded(told[name]["top5"]), f"{told[name]['top1_mean_over_classes']:.3f}"]
        for name, title in READINGS.items()
        if name in told
    ]  # fmt: skip
    columns = ["", "classes", "garments", "top-1", "top-5", "top-1, mean over classes"]
    return f"{measured(told, 'garments')} Compared with {told['gallery']}.\n\n{table(columns, rows)}"


def retrieval(told: dict[str, Any]) -> str:
    """P@k and mAP, in all and by label."""
    names = ("p1", "p5", "p10", "map")
    there = {name: title for name, title in ASKED.items() if name in told}
    overall = table(
        ["to be found", "asked for", "P@1", "P@5", "P@10", "mAP"],
        [[title, str(told[n]["queries"]), *(bounded(told[n][f]) for f in names)] for n, title in there.items()],
    )
    labels = sorted(told["same_label"]["by_category"].items(), key=lambda row: -row[1]["map"])
    by_label = table(
        ["label", "asked for", "P@1", "P@5", "P@10", "mAP"],
        [[label, str(row["queries"]), *(f"{row[f]:.3f}" for f in names)] for label, row in labels],
    )
    return f"{measured(told, 'garments')} Compared with {told['gallery']}.\n\n{overall}\n\n{by_label}"
