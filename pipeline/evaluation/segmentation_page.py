"""The report of a segmentation."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pipeline.evaluation import plots
from pipeline.evaluation.report import Column, Picture, Report
from pipeline.evaluation.segmentation import ALONE, AS_RUN, RECALLS, TITLES, Example, Segmentation

LEAD = (
    "What is found of the labelled pieces of clothing. “As run” is the whole chain before the search: the background "
    "removed, the photo and each figure in it looked at, the kind named by two opinions. “The photo alone” is the "
    "detector by itself."
)
METHOD = (
    "Average precision (AP) as ultralytics computes it, at an IoU of 0.5 and as the mean over 0.5 to 0.95; a finder "
    "without a mistake has 0.995. mAP is the mean over the kinds that the data show. Boxes are those around the masks. "
    "Mean IoU is that of each true piece with its best finding of the right kind, 0 for a missed one."
)


def page(result: Segmentation) -> Report:
    """The page of tables, curves, confusions and pictures."""
    document = result.document
    facts = {
        "Data": f"{document['data']} ({', '.join(document['formats'])}), {document['split']}",
        "Measured": f"{document['photos']:,} photos with {document['pieces']:,} pieces",
        "Models": ", ".join(document["models"].values()),
    }
    report = Report("Segmentation", LEAD, facts, document)
    overall = report.section("Overall", METHOD)
    names = ("mask mAP50", "mask mAP50-95", "box mAP50", "box mAP50-95", "mean IoU", "precision", "recall")
    overall.table(
        [Column(""), *(Column(name, "figure") for name in names)],
        [
            [
                title,
                *(document[way][form][mean] for form in ("mask", "box") for mean in ("map50", "map50_95")),
                *(document[way][name] for name in ("mean_iou", "precision", "recall")),
            ]
            for way, title in TITLES.items()
        ],
        f"Precision and recall at a confidence of {document['confidence']} and an IoU of 0.5, kinds included.",
    )
    for way in (AS_RUN, ALONE):
        _way(report, document, way)
    said = f"Left as labelled, right as found by the chain at a confidence of {document['confidence']}."
    section = report.section("Examples", said)
    section.pictures([_picture(example) for example in result.worst], "The worst first.", 640, wide=True)
    section.pictures([_picture(example) for example in result.best], "The best first.", 640, wide=True)
    return report


def _way(report: Report, document: dict, way: str) -> None:
    figures = document[way]
    section = report.section(TITLES[way])
    names = ("mask AP50", "mask AP50-95", "box AP50", "box AP50-95")
    rows = sorted(figures["by_kind"].items(), key=lambda row: -row[1]["mask_ap50"])
    section.table(
        [Column("kind"), Column("pieces", "count"), *(Column(name, "figure") for name in names)],
        [[kind, *list(row.values())[:5]] for kind, row in rows],
        "By kind, the best first.",
    )
    recalls = np.linspace(0, 1, RECALLS)
    curves = {kind: (recalls, row["mask_precision_at_recall"]) for kind, row in rows}
    section.plot(
        plots.lines(curves, "recall", "precision"), "Masks: precision against recall at an IoU of 0.5, by kind."
    )
    counts, kinds = np.array(figures["confusion"]["counts"]), figures["confusion"]["kinds"]
    there = np.flatnonzero(counts.sum(axis=0) + counts.sum(axis=1))
    section.plot(
        plots.confusion(
            counts[np.ix_(there, there)], [kinds[i] for i in there], [kinds[i] for i in there], "found", "labelled"
        ),
        f"What was found where a piece is labelled, at a confidence of {document['confidence']}: masks that share half "
        "their ground, whatever their kinds. “Nothing” as a row is what was found where nothing is labelled, as a "
        "column what was missed. Darker is a larger share of the row.",
    )


def _picture(example: Example) -> Picture:
    outcome = example.outcome
    wrong = outcome.found - outcome.right
    said = f"{example.name}: {outcome.right} of {outcome.true} found rightly, {wrong} wrong or besides"
    sides = f"labelled {_numbered(example.labelled)}; found {_numbered(example.found)}"
    return Picture(example.pixels, f"{said} (quality {outcome.quality:.2f}); {sides}")


def _numbered(kinds: Sequence[str]) -> str:
    return ", ".join(f"{n} {kind}" for n, kind in enumerate(kinds, 1)) or "nothing"
