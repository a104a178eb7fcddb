"""`python -m bench.catalogue --data DIR`: what adding pictures costs beside the models, and how well it decides.

DIR is a folder with the clothing dataset (`images.csv`, `images/`): single garments with a label, taken at home. Only
pictures of senders that no training saw are used. Each decision that a threshold in `pipeline/catalogue` makes is
counted: pictures wrongly taken for several garments, resaved pictures recognised, categories predicted.
"""

from __future__ import annotations

import argparse
import csv
import io
import time
from collections.abc import Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
from PIL import Image, ImageEnhance

from pipeline.catalogue.clothing_dataset import CATEGORIES
from pipeline.catalogue.duplicates import CLOSE, are_same, differences
from pipeline.catalogue.looking import Look, Task, look_at
from pipeline.catalogue.predicting import predict_categories, votes_of
from pipeline.embeddings import BATCH
from pipeline.kinds import kind_of
from pipeline.matcher import load_embedder, load_finder, load_remover
from pipeline.photo import read_photo
from pipeline.settings import Settings
from pipeline.training.datasets import held_out


class Clock:
    """A stage, and the seconds that its callers spent in it."""

    def __init__(self, stage: Any) -> None:
        self._stage, self.seconds = stage, 0.0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stage, name)

    def __call__(self, *words: Any) -> Any:
        return self._timed(self._stage, *words)

    def embed_pictures(self, crops: Sequence[np.ndarray]) -> np.ndarray:
        return self._timed(self._stage.embed_pictures, crops)

    def _timed(self, call: Any, *words: Any) -> Any:
        started = time.perf_counter()
        result = call(*words)
        self.seconds += time.perf_counter() - started
        return result


def chosen(data: Path, count: int) -> list[tuple[Path, str]]:
    """Pictures that no training saw, and their categories."""
    with (data / "images.csv").open(newline="") as file:
        rows = [row for row in csv.DictReader(file) if CATEGORIES.get(row["label"])]
    known = [row for row in rows if held_out(f"sender {row['sender_id']}")]
    np.random.default_rng(0).shuffle(known)
    paths = [(data / "images" / f"{row['image']}.jpg", CATEGORIES[row["label"]]) for row in known]
    return [(path, category) for path, category in paths if path.is_file()][:count]


def look(paths: Sequence[Path], stages: Any) -> list[Look]:
    return list(look_at([Task(path) for path in paths], stages, lambda _: False, lambda _: None, lambda _: None))


def rate(paths: Sequence[Path], stages: Any) -> list[Look]:
    """Print the time of adding beside that of the models alone; the looks are handed back."""
    clocks = SimpleNamespace(
        cut=Clock(stages.cut), find=Clock(stages.find), embed=Clock(stages.embed), settings=stages.settings
    )
    photos = [read_photo(path, stages.settings) for path in paths[:BATCH]]
    squares = [np.asarray(Image.fromarray(photo.pixels).resize((256, 256))) for photo in photos]
    stages.embed.embed_pictures(squares)
    alone, looks, total = [], [], 0.0
    # In turns: other work on the machine comes and goes.
    for part in np.array_split(np.array(paths, object), 3):
        for _ in range(3):
            started = time.perf_counter()
            stages.embed.embed_pictures(squares)
            alone.append((time.perf_counter() - started) / len(squares))
        started = time.perf_counter()
        looks += look(part.tolist(), clocks)
        total += (time.perf_counter() - started) / len(paths)
    own = float(np.median(alone))
    count = sum(len(one.garments) for one in looks)
    inside = clocks.embed.seconds / count
    print(f"{len(paths)} pictures, {count} crops; milliseconds each")
    print(f"  the embedder alone, in batches of {BATCH}: {1000 * own:6.1f}")
    print(f"  the embedder while adding:               {1000 * inside:6.1f}  ({own / inside:.0%} of its own rate)")
    models = (clocks.cut.seconds + clocks.find.seconds) / len(paths)
    print(f"  cutting out and finding, a thread:       {1000 * models:6.1f}")
    print(f"  adding, everything:                      {1000 * total:6.1f}")
    return looks


SAVED: dict[str, Any] = {
    "half the size, JPEG 60": lambda image: (image.resize((image.width // 2, image.height // 2)), "JPEG", 60),
    "1.5 the size, WebP 75": lambda image: (image.resize((image.width * 3 // 2, image.height * 3 // 2)), "WEBP", 75),
    "6% brighter": lambda image: (ImageEnhance.Brightness(image).enhance(1.06), "JPEG", 85),
    "cropped by 3%": lambda image: (_cropped(image, 0.03), "JPEG", 85),
    "cropped by 8%": lambda image: (_cropped(image, 0.08), "JPEG", 85),
    "mirrored": lambda image: (image.transpose(Image.Transpose.FLIP_LEFT_RIGHT), "JPEG", 90),
}


def _cropped(image: Image.Image, share: float) -> Image.Image:
    width, height = image.size
    return image.crop(
        (int(width * share), int(height * share / 2), width - int(width * share / 2), int(height * (1 - share)))
    )


def duplicates(looks: Sequence[Look], stages: Any, scratch: Path, count: int) -> None:
    """Print how many pictures are recognised when they come again, and how many others are taken for them."""
    garments = [one.garments[0] for one in looks]
    vectors = np.stack([garment.vector for garment in garments])
    cosines = np.tril(vectors @ vectors.T, -1)
    pairs = [(float(cosines[a, b]), garments[a], garments[b]) for a, b in np.argwhere(cosines >= CLOSE).tolist()]
    wrong = sum(are_same(a.fingerprint, b.fingerprint, cosine) for cosine, a, b in pairs)
    apart = sorted(min(differences(a.fingerprint, b.fingerprint)) for _, a, b in pairs)[:5]
    print(f"{len(looks)} different pictures, {len(pairs)} pairs at {CLOSE} or above: {wrong} taken for duplicates")
    print(f"  least differences among them: {', '.join(f'{value:.1f}' for value in apart)}")
    for name, change in SAVED.items():
        paths = []
        for n, one in enumerate(looks[:count]):
            image, form, quality = change(Image.open(one.task.path).convert("RGB"))
            data = io.BytesIO()
            image.save(data, form, quality=quality)
            paths.append(scratch / f"{n}.{form.lower()}")
            paths[-1].write_bytes(data.getvalue())
        again = look(paths, stages)
        same = [
            are_same(
                one.garments[0].fingerprint,
                other.garments[0].fingerprint,
                float(one.garments[0].vector @ other.garments[0].vector),
            )
            for one, other in zip(looks, again, strict=False)
        ]
        print(f"  {name:24} {np.mean(same):6.0%} of {len(same)} recognised")


def categories(looks: Sequence[Look], truth: Sequence[str], stages: Any) -> None:
    """Print how often the predicted category, and its kind, is the label's: alone, and beside the other pictures."""
    vectors = np.stack([one.garments[0].vector for one in looks])
    cosines = vectors @ vectors.T
    np.fill_diagonal(cosines, -1)
    others = [votes_of(row.tolist(), truth) for row in cosines]
    for name, votes in (("words alone", [{}] * len(looks)), ("words and neighbours", others)):
        found = predict_categories(vectors, [""] * len(looks), votes, stages.embed)
        right = np.mean([a == b for a, b in zip(found, truth, strict=True)])
        kinds = np.mean([kind_of(a) == kind_of(b) for a, b in zip(found, truth, strict=True)])
        print(f"  {name:24} category {right:.3f}, kind {kinds:.3f}")


def main() -> None:
    """Print the tables."""
    import tempfile

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder of the clothing dataset")
    parser.add_argument("--count", type=int, default=300, help="pictures looked at (default: 300)")
    parser.add_argument("--saved", type=int, default=60, help="pictures saved again, each in every way (default: 60)")
    words = parser.parse_args()
    settings = Settings.from_environment()
    stages = SimpleNamespace(
        cut=load_remover(settings), find=load_finder(settings), embed=load_embedder(settings), settings=settings
    )
    pictures = chosen(words.data, words.count)
    looks = rate([path for path, _ in pictures], stages)
    split = sum(len(one.garments) > 1 for one in looks)
    print(f"single garments taken for several: {split} of {len(looks)}")
    print(f"category predicted, {len(looks)} pictures")
    categories(looks, [category for _, category in pictures], stages)
    with tempfile.TemporaryDirectory() as scratch:
        duplicates(looks, stages, Path(scratch), words.saved)


if __name__ == "__main__":
    main()
