"""Makes the segmenter's pictures: crops, portraits, people and garments cut out and put together again."""

from collections.abc import Callable, Sequence

import numpy as np

from pipeline.kinds import KINDS
from pipeline.training import scenes
from pipeline.training.datasets import Street
from pipeline.training.homes import HomePiece
from pipeline.training.matte_data import Sample
from pipeline.training.scenes import Layer, Scene
from pipeline.types import mask_box

Piece = tuple[int, np.ndarray]
Picture = tuple[np.ndarray, list[Piece]]

# Longest side in pixels of the pictures to learn from.
SIDE = 512
# Share of the made-up pictures at home before the ground of a photo.
ON_GROUND = 0.5
# In a portrait a piece counts from this share of the picture on, however much of it is outside.
LEAST_OF_PORTRAIT = 0.005


def street_pieces(kinds: np.ndarray) -> list[Piece]:
    """(H, W) uint8 map of kinds -> one joined piece a kind."""
    return [(int(k) - 1, kinds == k) for k in np.unique(kinds) if k]


class PictureMaker:
    """Makes the pictures of one sort from street photos and from garments with a mask."""

    def __init__(
        self, streets: Sequence[Street], homes: list[HomePiece], seed: int, grounds: Sequence[Sample] = (),
        side: int = SIDE, rarer: float = 0.5, hair_dyed: float = 0.0, closest: float = 0.2,
    ) -> None:  # fmt: skip
        """homes: (rgb uint8, mask bool, kind's place) of single garments. grounds: photos whose floors and carpets
        such garments are laid on, and what of them must not be seen. side: longest one of composed pictures, pixels.
        rarer: street photos are drawn by how often their rarest kind comes to the power of minus this; 0: evenly.
        hair_dyed: share of the portraits whose hair gets another colour. closest: of a person's height the least that
        a portrait shows."""
        self.streets, self.homes, self.rng = streets, homes, np.random.default_rng(seed)
        self.grounds, self.side, self.hair_dyed, self.closest = grounds, side, hair_dyed, closest
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
            "crop": self.crop, "portrait": self.portrait, "person": self.person, "group": self.group,
            "half": self.half, "piece": self.piece, "home": self.home,
            "home moved": self.home_moved, "home laid out": self.home_laid_out,
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
        tall = (y1 - y0) * rng.uniform(self.closest, 0.42)
        wide = tall * rng.uniform(0.8, 1.6)
        top = max(0, int(y0 - tall * rng.uniform(0.05, 0.35)))
        left = max(0, int(middle - wide * rng.uniform(0.35, 0.65)))
        window = np.s_[top : max(top + 32, int(y0 + tall)), left : max(left + 32, int(left + wide))]
        pieces = street_pieces(street.kinds()[window])
        rgb = street.rgb[window]
        if self.hair_dyed and rng.uniform() < self.hair_dyed:
            rgb = scenes.hair_dyed(rgb, street.hair[window], rng)
        return rgb, [(kind, mask) for kind, mask in pieces if mask.mean() >= LEAST_OF_PORTRAIT]

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
