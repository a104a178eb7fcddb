"""The segmenter's training pictures, written in ultralytics' own layout: JPEG files, polygons, data.yaml."""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import cv2
import numpy as np
import yaml
from tqdm import tqdm

from pipeline.kinds import KINDS
from pipeline.training import scenes
from pipeline.training.datasets import Data, DataUnreadable, Street, bounded, opened, put_right, read_streets
from pipeline.training.homes import HomePiece, home_pieces
from pipeline.training.matte_data import Sample, home_grounds
from pipeline.training.matte_export import CutoutModel
from pipeline.training.rendered import dyed, read_drapes
from pipeline.training.scenes import Layer, Scene
from pipeline.training.tagged import Find, tagged_pictures
from pipeline.types import mask_box

Piece = tuple[int, np.ndarray]
Picture = tuple[np.ndarray, list[Piece]]

# Longest side in pixels of the pictures to learn from.
SIDE = 512
# Pictures of each sort in a full set; the photos themselves come on top.
COUNTS = {
    "crop": 800, "portrait": 900, "person": 200, "group": 1000, "half": 500, "piece": 200, "home": 1500,
    "home moved": 600, "home laid out": 500,
}  # fmt: skip
# Photos of the clothing dataset that lend their grounds; the share of made-up pictures at home before one.
GROUNDS, ON_GROUND = 1200, 0.5
# Share of the pieces in made-up pictures that get another dye: a kind has no colour of its own.
DYED = 0.3
# Pictures with a kind that fewer than this share of them show are repeated: by the square root, as in LVIS (Gupta,
# Dollar, Girshick, CVPR 2019).
REPEATED_BELOW = 0.12
LEAST_PIXELS, LEAST_SHARE = 24, 0.0004
# In a portrait a piece counts from this share of the picture on, however much of it is outside.
LEAST_OF_PORTRAIT = 0.005


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


def street_pieces(kinds: np.ndarray) -> list[Piece]:
    """(H, W) uint8 map of kinds -> one joined piece a kind."""
    return [(int(k) - 1, kinds == k) for k in np.unique(kinds) if k]


class PictureMaker:
    """Makes the pictures of one sort from street photos and from garments with a mask."""

    def __init__(
        self, streets: Sequence[Street], homes: list[HomePiece], seed: int, grounds: Sequence[Sample] = (),
        side: int = SIDE, rarer: float = 0.5,
    ) -> None:  # fmt: skip
        """homes: (rgb uint8, mask bool, kind's place) of single garments. grounds: photos whose floors and carpets
        such garments are laid on, and what of them must not be seen. side: longest one of composed pictures, pixels.
        rarer: street photos are drawn by how often their rarest kind comes to the power of minus this; 0: evenly."""
        self.streets, self.homes, self.rng = streets, homes, np.random.default_rng(seed)
        self.grounds, self.side = grounds, side
        # Only a photo of one person can be taken apart and put together again.
        kinds = [set(np.unique(s.kinds())) - {0} if s.alone else set() for s in streets]
        often = np.array([max(1.0, sum(k in found for found in kinds)) for k in range(1, len(KINDS) + 1)])
        weight = np.array([max((often[k - 1] ** -rarer for k in found), default=0.0) for found in kinds])
        self.share = weight / weight.sum() if weight.any() else np.zeros(0)
        home_kinds = np.array([kind for *_, kind in homes], int)
        home_often = np.bincount(home_kinds, minlength=len(KINDS)) if len(homes) else np.zeros(0)
        self.home_share = home_often[home_kinds] ** -0.6 if len(homes) else np.zeros(0)
        self.home_share /= self.home_share.sum() if len(homes) else 1

    def street(self) -> Street:
        return self.streets[int(self.rng.choice(len(self.streets), p=self.share))]

    def make(self, sort: str) -> Picture:
        makers: dict[str, Callable[[], Picture]] = {
            "crop": self.crop, "portrait": self.portrait, "person": self.person, "group": self.group, "half": self.half,
            "piece": self.piece, "home": self.home, "home moved": self.home_moved, "home laid out": self.home_laid_out,
        }  # fmt: skip
        return makers[sort]()

    def crop(self) -> Picture:
        """The upper or lower half, the padded person, or any window of a street photo."""
        street, rng = self.street(), self.rng
        height, width = street.labels.shape
        x0, y0, x1, y1 = map(float, mask_box(street.person) or (0, 0, width, height))
        tall, wide = y1 - y0, x1 - x0
        pad = rng.uniform(0.02, 0.15) * tall
        # Jackets without legs below them are taken for trousers where few half figures were seen.
        sort = rng.choice(["upper", "lower", "person", "window"], p=[0.45, 0.2, 0.1, 0.25])
        if sort == "upper":
            y1 = y0 + tall * rng.uniform(0.25, 0.65)
        elif sort == "lower":
            y0 = y0 + tall * rng.uniform(0.35, 0.6)
        elif sort == "window":
            y0, y1 = sorted(rng.uniform(y0, y1, 2))
            y0, y1 = min(y0, y1 - 0.3 * tall), y1
            x0 = x0 - rng.uniform(0, 0.5) * wide
        left, top = max(0, int(x0 - pad)), max(0, int(y0 - pad))
        window = np.s_[top : max(top + 32, int(y1 + pad)), left : max(left + 32, int(x1 + pad))]
        kinds = street.kinds()
        seen = scenes.still_seen(kinds, kinds[window])
        return street.rgb[window], [(kind, mask) for kind, mask in street_pieces(kinds[window]) if seen[kind + 1]]

    def portrait(self) -> Picture:
        """Head and shoulders, as a webcam sees them."""
        street, rng = self.streets[int(self.rng.integers(len(self.streets)))], self.rng
        height, width = street.labels.shape
        _, y0, _, y1 = mask_box(street.person) or (0, 0, width, height)
        head = np.flatnonzero(street.person[y0 : y0 + max(1, (y1 - y0) // 8)].any(axis=0))
        middle = head.mean() if len(head) else width / 2
        tall = (y1 - y0) * rng.uniform(0.2, 0.42)
        wide = tall * rng.uniform(0.8, 1.6)
        top = max(0, int(y0 - tall * rng.uniform(0.05, 0.35)))
        left = max(0, int(middle - wide * rng.uniform(0.35, 0.65)))
        window = np.s_[top : max(top + 32, int(y0 + tall)), left : max(left + 32, int(left + wide))]
        pieces = street_pieces(street.kinds()[window])
        return street.rgb[window], [(kind, mask) for kind, mask in pieces if mask.mean() >= LEAST_OF_PORTRAIT]

    def _size(self) -> tuple[int, int]:
        ratio = self.rng.choice([0.66, 0.75, 1.0, 1.33, 1.5])
        return (int(self.side / ratio), self.side) if ratio > 1 else (self.side, int(self.side * ratio))

    def _ground(self, size: tuple[int, int], real: float) -> np.ndarray:
        """(H, W, 3) uint8: a floor, carpet or sheet from home, or a backdrop like those of people."""
        if len(self.grounds) and self.rng.uniform() < ON_GROUND:
            ground = self.grounds[int(self.rng.integers(len(self.grounds)))]
            return scenes.fitted(scenes.regrown(*ground, self.rng), size, self.rng)
        return scenes.backdrop(self.rng, size, self.streets, real)

    def _alone(self, layer: Layer | None, background: np.ndarray) -> Picture:
        """One layer, 45-98% of the picture's height or width, before a background."""
        scene, size = Scene.on(background), background.shape[:2]
        if layer:
            fit = min(size[0], size[1] * layer.rgb.shape[0] / layer.rgb.shape[1])
            tall = fit * self.rng.uniform(0.45, 0.98)
            centre = np.array(size[::-1]) / 2 + self.rng.uniform(-0.5, 0.5, 2) * (np.array(size[::-1]) - tall).clip(0)
            scene.paste(layer, tall, (float(centre[0]), float(centre[1])))
        return scene.rgb, scene.pieces

    def person(self) -> Picture:
        return self._alone(
            scenes.person_layer(self.street()), scenes.backdrop(self.rng, self._size(), self.streets, real=0.25)
        )

    def piece(self) -> Picture:
        background = scenes.backdrop(self.rng, self._size(), self.streets, real=0.15)
        return self._alone(scenes.piece_layer(self.street(), self.rng, least=0.025), background)

    def group(self) -> Picture:
        people = [scenes.person_layer(self.street()) for _ in range(self.rng.integers(2, 5))]
        height, width = self._size()
        size = (min(height, width), max(height, width))
        background = scenes.backdrop(self.rng, size, self.streets, real=0.7)
        scene = scenes.group_scene(self.rng, background, [p for p in people if p])
        return scene.rgb, scene.pieces

    def half(self) -> Picture:
        """One to three people from the waist or the knees up, standing on the picture's lower edge."""
        people = [scenes.half_layer(self.street(), self.rng) for _ in range(self.rng.integers(1, 4))]
        height, width = sorted(self._size()) if len(people) > 1 else self._size()
        scene = Scene.on(scenes.backdrop(self.rng, (height, width), self.streets, 0.7))
        for place, layer in enumerate(people):
            if layer:
                tall = height * self.rng.uniform(0.6, 1.0)
                across = (place + self.rng.uniform(0.3, 0.7)) / len(people) * width
                scene.paste(layer, tall, (float(across), height - tall / 2 + 1))
        return scene.rgb, scene.pieces

    def _home(self) -> tuple[np.ndarray, np.ndarray, int]:
        return self.homes[self.rng.choice(len(self.homes), p=self.home_share)]

    def home(self) -> Picture:
        rgb, mask, kind = self._home()
        return rgb, [(kind, mask)]

    def home_moved(self) -> Picture:
        rgb, mask, kind = self._home()
        layer = scenes.cut(rgb, mask, np.full(mask.shape, kind + 1, np.uint8))
        return self._alone(layer, self._ground(self._size(), real=0.1))

    def home_laid_out(self) -> Picture:
        """Two to six garments side by side, each in a field of its own, before a background."""
        across, down = [(2, 1), (1, 2), (2, 2), (3, 2), (2, 3)][self.rng.integers(5)]
        size = (int(self.side * min(1, 1.2 * down / across)), int(self.side * min(1, 1.2 * across / down)))
        scene = Scene.on(self._ground(size, real=0.3))
        field = np.array([size[1] / across, size[0] / down])
        for place in self.rng.permutation(across * down)[: self.rng.integers(2, across * down + 1)]:
            rgb, mask, kind = self._home()
            layer = scenes.cut(rgb, mask, np.full(mask.shape, kind + 1, np.uint8))
            if layer:
                middle = (np.array([place % across, place // across]) + self.rng.uniform(0.45, 0.55, 2)) * field
                fit = min(field[1], field[0] * layer.rgb.shape[0] / layer.rgb.shape[1])
                scene.paste(layer, fit * self.rng.uniform(0.6, 1.05), (float(middle[0]), float(middle[1])))
        return scene.rgb, scene.pieces


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
    cutout: CutoutModel | None = None,
) -> Path:  # fmt: skip
    """Write the training and validation pictures into `folder`; returns its data.yaml. A finished set is kept.

    drapes: folder of the studio's second drapes, which may be absent. teacher: a trained segmenter that labels the
    photos which have tags only; without one they are left out. cutout: outlines the garments that GrabCut cannot.
    """
    finished, source = folder / "data.yaml", opened(data).key
    if finished.exists():
        if yaml.safe_load(finished.read_text()).get("source", "") != source:
            raise DataUnreadable(f"“{folder}” was made from other data; delete it, or choose another --run.")
        return finished
    streets = put_right(read_streets(data, cache, "train"))
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
    maker = PictureMaker(streets, garments + rendered, seed, grounds)
    for name, picture in tqdm(made_pictures(maker, share), total=round(sum(COUNTS.values()) * share), desc="pictures"):
        write_picture(folder, "train", name, picture)
    (folder / "train.txt").write_text("\n".join(repeated(folder, seed)) + "\n")
    content = {
        "path": str(folder.resolve()), "train": "train.txt", "val": "images/val", "names": dict(enumerate(KINDS)),
        "source": source,
    }  # fmt: skip
    finished.write_text(yaml.safe_dump(content))
    return finished
