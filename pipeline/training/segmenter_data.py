"""The segmenter's training pictures, written in ultralytics' own layout: JPEG files, polygons, data.yaml."""

from collections.abc import Iterator
from pathlib import Path

import cv2
import numpy as np
import yaml
from tqdm import tqdm

from pipeline.kinds import KINDS
from pipeline.training.datasets import Data, DataUnreadable, bounded, opened, put_right, read_streets
from pipeline.training.homes import home_pieces
from pipeline.training.matte_data import home_grounds
from pipeline.training.matte_export import CutoutModel
from pipeline.training.recombined import with_recombined
from pipeline.training.rendered import dyed, read_drapes
from pipeline.training.segmenter_pictures import SIDE, Picture, PictureMaker
from pipeline.training.tagged import Find, tagged_pictures

# Pictures of each sort in a full set; the photos themselves come on top.
COUNTS = {
    "crop": 800, "portrait": 900, "person": 200, "group": 1000, "half": 500, "piece": 200, "home": 1500,
    "home moved": 600, "home laid out": 500,
}  # fmt: skip
# Photos of the clothing dataset that lend their grounds.
GROUNDS = 1200
# Share of the pieces in made-up pictures that get another dye: a kind has no colour of its own.
DYED = 0.3
# What portraits to learn from are made with (`PictureMaker`).
HAIR_DYED, CLOSEST = 0.5, 0.13
# Pictures with a kind that fewer than this share of them show are repeated: by the square root, as in LVIS (Gupta,
# Dollar, Girshick, CVPR 2019).
REPEATED_BELOW = 0.12
LEAST_PIXELS, LEAST_SHARE = 24, 0.0004


def outline(mask: np.ndarray) -> np.ndarray | None:
    """(H, W) bool -> (K, 2) float32 polygon in 0..1, its parts joined by thin bridges; None for specks."""
    from ultralytics.data.converter import merge_multi_segment

    found, _ = cv2.findContours(mask.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_SIMPLE)
    areas = [cv2.contourArea(c) for c in found]
    if not areas or max(areas) < LEAST_PIXELS or max(areas) < LEAST_SHARE * mask.size:
        return None
    parts = [c for c, area in zip(found, areas, strict=True) if area >= max(12, 0.03 * max(areas))]
    simple = [cv2.approxPolyDP(c, 0.7, True).reshape(-1, 2) for c in parts]
    simple = [c for c in simple if len(c) >= 3]
    if not simple:
        return None
    joined = simple[0]
    if len(simple) > 1:
        joined = np.concatenate(merge_multi_segment([c.ravel().tolist() for c in simple]))
    return joined.astype(np.float32) / np.array(mask.shape[::-1], np.float32)


def write_picture(folder: Path, part: str, name: str, picture: Picture) -> bool:
    """Write one picture with its label file; a picture without pieces is a negative and gets an empty one."""
    rgb, pieces = picture
    if min(rgb.shape[:2]) < 16:
        return False
    image, labels = folder / "images" / part / f"{name}.jpg", folder / "labels" / part / f"{name}.txt"
    image.parent.mkdir(parents=True, exist_ok=True)
    labels.parent.mkdir(parents=True, exist_ok=True)
    outlines = ((kind, outline(mask)) for kind, mask in pieces)
    lines = [f"{kind} " + " ".join(f"{v:.5f}" for v in line.ravel()) for kind, line in outlines if line is not None]
    cv2.imwrite(str(image), cv2.cvtColor(bounded(rgb, SIDE), cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, 92])
    labels.write_text("\n".join(lines))
    return True


def in_other_dyes(picture: Picture, rng: np.random.Generator) -> Picture:
    """The picture, some of its pieces in another colour."""
    rgb, pieces = picture
    for _, mask in pieces:
        if rng.uniform() < DYED and mask.any():
            other = dyed(rgb, mask, rng)
            rgb = rgb if other is None else other
    return rgb, pieces


def made_pictures(maker: PictureMaker, share: float) -> Iterator[tuple[str, Picture]]:
    """Yield (name, picture) of every sort, `share` of the full counts."""
    for sort, count in COUNTS.items():
        if not len(maker.homes if sort.startswith("home") else maker.share):
            continue
        for i in range(round(count * share)):
            yield f"{sort.replace(' ', '-')}-{i:04d}", in_other_dyes(maker.make(sort), maker.rng)


def repeated(folder: Path, seed: int) -> list[str]:
    """The training pictures' paths within `folder`, those with rare kinds several times."""
    labels = sorted((folder / "labels" / "train").glob("*.txt"))
    kinds = [{int(line.split()[0]) for line in path.read_text().splitlines()} for path in labels]
    often = np.array([sum(k in found for found in kinds) for k in range(len(KINDS))]) / max(1, len(labels))
    factor = np.maximum(1, np.sqrt(REPEATED_BELOW / np.maximum(often, 1e-3)))
    times = [max((factor[k] for k in found), default=1.0) for found in kinds]
    drawn = np.floor(times + np.random.default_rng(seed).uniform(0, 1, len(times))).astype(int)
    return [f"./images/train/{path.stem}.jpg" for path, n in zip(labels, drawn, strict=True) for _ in range(n)]


def write_set(
    data: Data, cache: Path, folder: Path, seed: int, share: float = 1.0, homes: int = 4500,
    drapes: Path = Path("assets/drapes"), teacher: Find | None = None,
    cutout: CutoutModel | None = None, recombined: int = 500,
) -> Path:  # fmt: skip
    """Write the training and validation pictures into `folder`; returns its data.yaml. A finished set is kept.

    drapes: folder of the studio's second drapes, which may be absent. teacher: a trained segmenter that labels the
    photos which have tags only; without one they are left out. cutout: outlines the garments that GrabCut cannot.
    recombined: how many outfits are put together anew, unless the photos are left alone.
    """
    finished, source = folder / "data.yaml", opened(data).key
    if finished.exists():
        if yaml.safe_load(finished.read_text()).get("source", "") != source:
            raise DataUnreadable(f"“{folder}” was made from other data; delete it, or choose another --run.")
        return finished
    streets = put_right(read_streets(data, cache, "train"))
    if share:
        streets = with_recombined(streets, recombined, seed)
    garments = home_pieces(data, cache, homes, seed, cutout=cutout)
    if not len(streets) and not garments:
        raise DataUnreadable(f"“{opened(data).root}” has no photo with masks and no garment with a sure outline.")
    validation = read_streets(data, cache, "val")
    for street in validation:
        write_picture(folder, "val", street.stem, (street.rgb, street.pieces()))
    if not len(validation):
        held_out = home_pieces(data, cache, homes // 5, seed, "val")
        if not held_out:
            raise DataUnreadable(f"“{opened(data).root}” has nothing to validate on; add photos, or raise --most.")
        for place, (rgb, mask, kind) in enumerate(held_out):
            write_picture(folder, "val", f"home-{place:04d}", (rgb, [(kind, mask)]))
    for street in tqdm(streets, desc="photos", mininterval=5):
        write_picture(folder, "train", f"photo-{street.stem}", (street.rgb, street.pieces()))
    known = (drape for drape in read_drapes(drapes, drapes.with_name("catalogue")) if not drape.held_out)
    rendered = [(drape.rgb, drape.mask, KINDS.index(drape.kind)) for drape in known]
    if teacher and share:
        for stem, _, picture in tagged_pictures(data, teacher, whole=True):
            write_picture(folder, "train", f"tagged-{stem}", picture)
    grounds = home_grounds(data, cache, GROUNDS, seed) if share else []
    maker = PictureMaker(streets, garments + rendered, seed, grounds, hair_dyed=HAIR_DYED, closest=CLOSEST)
    for name, picture in tqdm(made_pictures(maker, share), total=round(sum(COUNTS.values()) * share), desc="pictures"):
        write_picture(folder, "train", name, picture)
    (folder / "train.txt").write_text("\n".join(repeated(folder, seed)) + "\n")
    content = {
        "path": str(folder.resolve()), "train": "train.txt", "val": "images/val", "names": dict(enumerate(KINDS)),
        "source": source,
    }  # fmt: skip
    finished.write_text(yaml.safe_dump(content))
    return finished
