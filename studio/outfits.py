"""Example photographs: garments of the catalogue in other drapes, laid out on a painted table or on a rail."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image, ImageFilter

from studio.backgrounds import BACKGROUNDS, RAIL
from studio.catalogue import ROOT
from studio.cuts import CUTS
from studio.hangers import HANGERS, HOOK, top_edge
from studio.specs import Item, items

FOLDER = ROOT / "assets" / "examples"
SAMPLES = 10
DOWN = (-26.0, -24.0)  # degrees: how sleeves hang
LARGEST = 250_000  # bytes a photograph


@dataclass(frozen=True)
class Piece:
    """One garment in a photograph: centre and frame side in pixels, turned by ``yaw`` degrees counter-clockwise.

    With a hanger, x is the hanger's and y is found from the rail.
    """

    item: str
    x: int
    y: int
    side: int
    yaw: float
    seed: int
    hanger: str = ""


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
    Outfit("holiday", (1024, 768), "pale_wood", 70, (1.03, 1.0, 0.96), (
        Piece("campshirt-01", 235, 270, 470, 8, 41), Piece("shorts-03", 300, 580, 370, -7, 42),
        Piece("tank-04", 590, 400, 500, -5, 43), Piece("tote-04", 860, 380, 480, 9, 44),
    )),
    Outfit("sunday", (900, 1200), "carpet", 125, (1.04, 1.0, 0.94), (
        Piece("hoodie-01", 300, 330, 590, 6, 51), Piece("leggings-02", 600, 790, 760, -8, 52),
        Piece("socks-01", 215, 930, 290, 14, 53), Piece("beanie-01", 720, 215, 250, 10, 54),
    )),
    Outfit("rail", (1200, 800), "wall", 130, (1.03, 1.0, 0.95), (
        Piece("trucker-01", 190, 0, 440, 0, 61, "shoulders"), Piece("dress-03", 490, 0, 700, 0, 62, "shoulders"),
        Piece("cardigan-02", 775, 0, 410, 0, 63, "shoulders"), Piece("skirt-01", 1040, 0, 395, 0, 64, "clips"),
    )),
)  # fmt: skip


def _draped(piece: Piece, item: Item, light: float) -> Image.Image:
    """The piece's RGBA picture, in another drape than the catalogue's, turned on the table."""
    from studio.drape import drape
    from studio.dressing import Dresser

    if item.cut not in CUTS:
        from studio.modelled import photograph_modelled

        spin = float(np.random.default_rng(piece.seed).uniform(25, 45))
        return photograph_modelled(item, piece.side, SAMPLES, light, spin).rotate(piece.yaw, expand=True)
    cut = CUTS[item.cut]
    looser = replace(cut, arms=(-30, -6) if cut.arms else None, warp=cut.warp * 1.25)
    if piece.hanger:
        looser = cut if cut.hung else replace(cut, arms=DOWN, warp=cut.warp * 0.9)
    # the light turns against the garment, so that all shadows fall one way on the table
    render = Dresser(drape(looser, piece.seed), piece.side).photograph(item, SAMPLES, light - piece.yaw)
    return render.rotate(piece.yaw, Image.Resampling.BICUBIC, expand=True)


def _shadow(alpha: Image.Image, light: float, far: float = 1.0) -> np.ndarray:
    """How much light (0..1) a table keeps under and beside a garment, or a wall ``far`` times as distant."""
    side = alpha.width
    away = np.array([-np.cos(np.radians(light)), np.sin(np.radians(light))])
    keep = np.ones((alpha.height, alpha.width))
    for shift, blur, strength in ((3 * far, 3 * far, 0.40 / far), (9 * far, 11 * far, 0.34)):
        moved = Image.new("L", (side, alpha.height), 0)
        moved.paste(alpha, (int(round(away[0] * shift)), int(round(away[1] * shift))))
        keep *= 1 - strength * np.asarray(moved.filter(ImageFilter.GaussianBlur(blur)), float) / 255
    return keep


def _over(canvas: np.ndarray, layer: Image.Image) -> tuple[np.ndarray, np.ndarray]:
    """The layer laid on the canvas, and the layer's alpha (0..1)."""
    pixels = np.asarray(layer, float) / 255
    alpha = pixels[..., 3:]
    return canvas * (1 - alpha) + pixels[..., :3] * alpha, alpha[..., 0]


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
        behind = front = None
        if piece.hanger:
            column, row, wide = top_edge(render.getchannel("A"))
            corner = (piece.x - column, RAIL + HOOK - row)
            behind, front = HANGERS[piece.hanger](outfit.size, piece.x, RAIL, wide)
            canvas *= _shadow(behind.getchannel("A"), outfit.light, 1.6)[..., None]
            canvas, _ = _over(canvas, behind)
        layer = Image.new("RGBA", outfit.size, (0, 0, 0, 0))
        layer.paste(render, corner)
        canvas *= _shadow(layer.getchannel("A"), outfit.light, 1.6 if piece.hanger else 1.0)[..., None]
        canvas, alpha = _over(canvas, layer)
        if front is not None:
            canvas, _ = _over(canvas, front)
        layers = [mask * (1 - alpha) for mask in layers] + [alpha]
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
