"""What `--data` and `--format` name: one set, or a folder with several, and what trainings ask of it."""

import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Literal, get_args

from pipeline.training.datasets import ccp, clothing_dataset, deepfashion, deepfashion2, fashionpedia, folders, modanet
from pipeline.training.datasets.coco import annotation_files
from pipeline.training.datasets.instances import InstanceSet, Streets, read_instances
from pipeline.training.datasets.records import ALL, DataUnreadable, Garment, Street, Tagged

FormatName = Literal[
    "auto", "ccp", "fashionpedia", "modanet", "deepfashion2", "deepfashion", "folders", "clothing-dataset"
]
MOST = 10_000


@dataclass(frozen=True)
class Source:
    """One set: where it lies and in which format."""

    root: Path
    format: str

    @property
    def key(self) -> str:
        """A short name of this very set, which its caches go by."""
        return f"{self.format}-{hashlib.sha256(str(self.root.resolve()).encode()).hexdigest()[:8]}"


@dataclass(frozen=True)
class Format:
    """A layout that can be read.

    found_in: whether a folder has it; fits: whether it may have it, where a person says so; needs: the files that make
    it, for people; card: what a model card says about it; streets(source, cache, most, part) and garments(source, most,
    part): its readers, None for what it does not have.
    """

    found_in: Callable[[Path], bool]
    needs: str
    card: str
    streets: Callable[[Source, Path, int, str], Sequence[Street]] | None = None
    garments: Callable[[Source, int, str], list[Garment]] | None = None
    fits: Callable[[Path], bool] = lambda folder: False


def _any_json(folder: Path) -> bool:
    return bool(annotation_files(folder))


def _photos(open_set: Callable[[Path], InstanceSet], title: str) -> Callable[[Source, Path, int, str], Streets]:
    def read(source: Source, cache: Path, most: int, part: str) -> Streets:
        return read_instances(lambda: open_set(source.root), cache / source.key, title, most, part)

    return read


CLOTHES_ALONE = "its masks are of garments alone, so that skin and hair count as background"
FORMATS: dict[str, Format] = {
    "ccp": Format(
        ccp.is_ccp, "label_list.mat, photos/ and annotations/",
        "Clothing Co-Parsing (Apache-2.0), 58 labels",
        streets=lambda source, cache, most, part: ccp.read_ccp(source.root, cache, part),
    ),
    "clothing-dataset": Format(
        clothing_dataset.is_clothing_dataset, "images.csv and images/",
        "the clothing dataset (CC0), single garments with a label",
        garments=lambda source, most, part: clothing_dataset.read_clothing_dataset(source.root, part),
    ),
    "fashionpedia": Format(
        fashionpedia.is_fashionpedia, "instances_attributes_train2020.json and the photos",
        f"Fashionpedia (annotations CC BY 4.0, photos under their own licences); {CLOTHES_ALONE}",
        streets=_photos(fashionpedia.open_fashionpedia, "Fashionpedia"), fits=_any_json,
    ),
    "modanet": Format(
        modanet.is_modanet, "modanet2018_instances_train.json and the photos",
        f"ModaNet (annotations CC BY-NC 4.0, not for commercial use); {CLOTHES_ALONE}",
        streets=_photos(modanet.open_modanet, "ModaNet"), fits=_any_json,
    ),
    "deepfashion2": Format(
        deepfashion2.is_deepfashion2, "train/image/ and train/annos/",
        f"DeepFashion2 (for non-commercial research only); {CLOTHES_ALONE}",
        streets=_photos(deepfashion2.DeepFashion2, "DeepFashion2"),
    ),
    "deepfashion": Format(
        deepfashion.is_deepfashion, "Anno/list_category_cloth.txt, Anno/list_category_img.txt and img/",
        "DeepFashion's categories (for non-commercial research only), photos cut to their boxes",
        garments=lambda source, most, part: deepfashion.read_deepfashion(source.root, source.key, most, part),
    ),
    "folders": Format(
        folders.is_folders, "one folder of pictures for each class, named after it",
        "pictures of single garments in a folder a class",
        garments=lambda source, most, part: folders.read_folders(source.root, source.key, most, part),
    ),
}  # fmt: skip
BUNDLED_FORMATS = ("ccp", "clothing-dataset")
BUNDLED_SETS = "; ".join(FORMATS[name].card for name in BUNDLED_FORMATS)


@dataclass(frozen=True)
class TrainingData:
    """The sets of a training.

    root: a set, or a folder with sets side by side; format: 'auto' for every set that is found, or one of FORMATS;
    most: photos or garments taken from each of the public sets, a fixed choice (CCP and the clothing dataset: all);
    sources: the sets that are there.

    Raises:
        DataUnreadable: the folder or the format does not exist, or no set is there.
    """

    root: Path
    format: str = "auto"
    most: int = MOST

    sources: tuple[Source, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "sources", find_sources(self.root, self.format))

    @property
    def bundled(self) -> bool:
        """Whether these are the very sets that the bundled models were made from."""
        return sorted(source.format for source in self.sources) == sorted(BUNDLED_FORMATS)

    @property
    def key(self) -> str:
        """Tells caches of different data apart; "" for the bundled models' sets."""
        return "" if self.bundled else f"{'-'.join(source.key for source in self.sources)}-{self.most}"

    @property
    def card(self) -> str:
        """The sets, for a model card."""
        return "; ".join(dict.fromkeys(FORMATS[source.format].card for source in self.sources))

    def streets(self, cache: Path, part: str) -> Sequence[Street]:
        """Photos with masks. part: 'train', 'val' (held out) or 'all'."""
        readers = [(source, FORMATS[source.format].streets) for source in self.sources]
        found = [read(source, cache, self.most, part) for source, read in readers if read]
        if len(found) == 1:
            return found[0]
        return Streets([partial(streets.__getitem__, i) for streets in found for i in range(len(streets))])

    def garments(self, part: str = ALL) -> list[Garment]:
        """Single garments with a label. part: 'train', 'val' (held out) or 'all'."""
        readers = [(source, FORMATS[source.format].garments) for source in self.sources]
        return [garment for source, read in readers if read for garment in read(source, self.most, part)]

    def tagged(self) -> dict[str, Tagged]:
        """CCP's photos with tags only, by stem; empty for all other sets."""
        roots = [source.root for source in self.sources if source.format == "ccp"]
        return {stem: photo for root in roots for stem, photo in ccp.read_ccp_tags(root).items()}


def find_sources(root: Path, format: str) -> tuple[Source, ...]:
    """The sets that a folder is or holds, in one format or ('auto') in any; DataUnreadable where there is none."""
    if format not in get_args(FormatName):
        raise DataUnreadable(f"There is no format “{format}”; known are {', '.join(get_args(FormatName))}.")
    if not root.is_dir():
        raise DataUnreadable(f"There is no folder “{root}”; --data names the folder that holds the data set.")
    wanted = list(FORMATS) if format == "auto" else [format]
    inside = sorted(p for p in root.iterdir() if p.is_dir())
    for places in ([root], inside):
        found = [Source(place, name) for place in places if (name := _format_of(place, wanted))]
        if found:
            return tuple(found)
    if format != "auto" and FORMATS[format].fits(root):
        return (Source(root, format),)
    known = "; ".join(f"{name}: {FORMATS[name].needs}" for name in wanted)
    raise DataUnreadable(f"“{root}” holds no data set that can be read here. Looked for {known}.")


def _format_of(folder: Path, wanted: list[str]) -> str:
    """The first of the wanted formats that a folder has, "" for none; a folder a class is looked for last."""
    return next((name for name in wanted if FORMATS[name].found_in(folder)), "")


Data = Path | TrainingData


def opened(data: Data) -> TrainingData:
    """The sets in a folder, each in the format that its files tell."""
    return data if isinstance(data, TrainingData) else TrainingData(data)


def read_streets(data: Data, cache: Path, part: str) -> Sequence[Street]:
    """Read the photos with masks under the set's own names. part: 'train', 'val' (held out) or 'all'."""
    return opened(data).streets(cache, part)


def put_right(streets: Sequence[Street]) -> Sequence[Street]:
    """The photos under their reviewed names (`review`), decoded when they are asked for."""
    return Streets([partial(_put_right, streets, place) for place in range(len(streets))])


def _put_right(streets: Sequence[Street], place: int) -> Street:
    return streets[place].put_right()


def read_garments(data: Data, part: str = ALL) -> list[Garment]:
    """Read the single garments with a label. part: 'train', 'val' (held out) or 'all'."""
    return opened(data).garments(part)
