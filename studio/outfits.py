"""Example photographs: garments of the catalogue in other drapes, laid out together on a painted table."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image, ImageFilter

from studio.backgrounds import BACKGROUNDS
from studio.catalogue import ROOT
from studio.cuts import CUTS
from studio.specs import Item, items

FOLDER = ROOT / "assets" / "examples"
SAMPLES = 10
LARGEST = 250_000  # bytes a photograph


@dataclass(frozen=True)
class Piece:
    """One garment in a photograph: centre and frame side in pixels, turned by ``yaw`` degrees counter-clockwise."""

    item: str
    x: int
    y: int
    side: int
    yaw: float
    seed: int


@dataclass(frozen=True)
class Outfit:
    """One photograph: pixel size, background, key light azimuth in degrees, tint of the light, pieces."""

    name: str
    size: tuple[int, int]
    background: str
    light: float
    tint: tuple[float, float, float]
    pieces: tuple[Piece, ...]


OUTFITS: tuple[Outfit, ...] = (
    Outfit("weekend", (1024, 768), "wood", 140, (1.02, 1.0, 0.95), (
        Piece("tee-01", 215, 330, 450, 9, 11), Piece("jeans-01", 560, 400, 690, -6, 12),
        Piece("tote-01", 872, 330, 480, -10, 13),
    )),
    Outfit("city", (900, 1200), "linen", 60, (1.0, 1.0, 1.0), (
        Piece("shirt-01", 300, 340, 570, 7, 21), Piece("chinos-01", 600, 770, 800, -9, 22),
        Piece("scarf-01", 200, 895, 560, 12, 23),
    )),
    Outfit("autumn", (1024, 768), "carpet", 115, (0.98, 0.99, 1.03), (
        Piece("jumper-02", 255, 270, 480, -9, 31), Piece("miniskirt-01", 600, 215, 350, 8, 32),
        Piece("leggings-01", 865, 400, 620, 5, 33), Piece("socks-04", 575, 560, 240, -12, 34),
    )),
)  # fmt: skip


def _draped(piece: Piece, item: Item, light: float) -> Image.Image:
    """The piece's RGBA picture, in another drape than the catalogue's, turned on the table."""
    from studio.drape import drape
    from studio.dressing import Dresser

    cut = CUTS[item.cut]
    looser = replace(cut, arms=(-30, -6) if cut.arms else None, warp=cut.warp * 1.25)
    # the light turns against the garment, so that all shadows fall one way on the table
    render = Dresser(drape(looser, piece.seed)).photograph(item, piece.side, SAMPLES, light - piece.yaw)
    return render.rotate(piece.yaw, Image.Resampling.BICUBIC, expand=True)


def _shadow(alpha: Image.Image, light: float) -> np.ndarray:
    """How much light (0..1) the table keeps under and beside a garment."""
    side = alpha.width
    away = np.array([-np.cos(np.radians(light)), np.sin(np.radians(light))])
    keep = np.ones((alpha.height, alpha.width))
    for shift, blur, strength in ((3, 3, 0.40), (9, 11, 0.34)):
        moved = Image.new("L", (side, alpha.height), 0)
        moved.paste(alpha, (int(round(away[0] * shift)), int(round(away[1] * shift))))
        keep *= 1 - strength * np.asarray(moved.filter(ImageFilter.GaussianBlur(blur)), float) / 255
    return keep


def compose(outfit: Outfit) -> tuple[Image.Image, list[dict[str, object]], list[Image.Image]]:
    """The photograph, its ground truth (boxes as x0, y0, x1, y1 in pixels) and one mask a piece."""
    width, height = outfit.size
    rng = np.random.default_rng(len(outfit.name) * 7919 + width)
    by_id = {item.id: item for item in items()}
    canvas = BACKGROUNDS[outfit.background](width, height, rng)
    layers: list[np.ndarray] = []
    for piece in outfit.pieces:
        render = _draped(piece, by_id[piece.item], outfit.light)
        corner = (piece.x - render.width // 2, piece.y - render.height // 2)
        layer = Image.new("RGBA", outfit.size, (0, 0, 0, 0))
        layer.paste(render, corner)
        canvas *= _shadow(layer.getchannel("A"), outfit.light)[..., None]
        pixels = np.asarray(layer, float) / 255
        alpha = pixels[..., 3:]
        canvas = canvas * (1 - alpha) + pixels[..., :3] * alpha
        layers = [mask * (1 - alpha[..., 0]) for mask in layers] + [alpha[..., 0]]
    y, x = np.mgrid[0:height, 0:width]
    angle = np.radians(outfit.light)
    across = (x / width - 0.5) * np.cos(angle) - (y / height - 0.5) * np.sin(angle)
    canvas = canvas * np.array(outfit.tint) * (1 + 0.16 * across)[..., None] + rng.normal(0, 0.008, canvas.shape)
    photo = Image.fromarray((np.clip(canvas, 0, 1) * 255 + 0.5).astype(np.uint8))
    truth: list[dict[str, object]] = []
    masks = [Image.fromarray((mask > 0.5).astype(np.uint8) * 255) for mask in layers]
    for piece, mask in zip(outfit.pieces, masks, strict=True):
        truth.append({"id": piece.item, "category": by_id[piece.item].category, "box": list(mask.getbbox() or ())})
    return photo, truth, masks


def build_outfits() -> None:
    """Write the photographs that are missing, their masks and truth.json."""
    (FOLDER / "masks").mkdir(parents=True, exist_ok=True)
    listing = FOLDER / "truth.json"
    truth: dict[str, list[dict[str, object]]] = json.loads(listing.read_text()) if listing.is_file() else {}
    for outfit in OUTFITS:
        path = FOLDER / f"{outfit.name}.jpg"
        if path.is_file() and path.name in truth:
            continue
        photo, pieces, masks = compose(outfit)
        for quality in range(90, 40, -5):
            photo.save(path, quality=quality, optimize=True)
            if path.stat().st_size < LARGEST:
                break
        for entry, mask in zip(pieces, masks, strict=True):
            name = f"{outfit.name}-{entry['id']}.png"
            mask.convert("1").save(FOLDER / "masks" / name, optimize=True)
            entry["mask"] = f"masks/{name}"
        truth[path.name] = pieces
        listing.write_text(json.dumps(truth, indent=2) + "\n", encoding="utf-8")
        print(f"{path.name}: {len(pieces)} pieces", flush=True)
