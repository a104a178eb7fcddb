"""Garments that the embedder learns from, all in the form in which the product embeds them."""

import csv
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import cv2
import numpy as np
import torch
from torchvision.transforms import v2
from tqdm import tqdm

from pipeline.catalogue import prepare_picture
from pipeline.colours import colour_name, colour_shares, colour_word
from pipeline.drafts import whole
from pipeline.kinds import KIND_OF_CATEGORY, KINDS
from pipeline.towers import SIDE
from pipeline.training.datasets import (
    Data,
    DataUnreadable,
    Street,
    opened,
    read_garments,
    read_rgb,
    read_streets,
)
from pipeline.training.datasets.records import category_of_meaning, kind_of_meaning
from pipeline.training.datasets.review import names_mark
from pipeline.training.grabcut import GARMENT_SIDE, sure_mask
from pipeline.training.matte_export import CutoutModel
from pipeline.training.rendered import Drape, dyed, item_held_out, photographed, read_drapes
from pipeline.training.tagged import Find, tagged_pictures
from pipeline.types import square_on_white

STORED = 224
# Made-up photos of each second drape; rough ones of each drape of an article to learn from; other dyes that it is
# learned in, each with one rough photo of each drape.
PHOTOGRAPHED, ROUGH, DYES = 4, 3, 3
# Street garments below this share of the photo are too small to learn from.
LEAST_STREET = 0.004
# Clothing-dataset labels wider than the category they map to: only the kind may be believed.
WIDE_LABELS = ("Longsleeve", "Outwear")


@dataclass(frozen=True)
class Piece:
    """One picture of one garment.

    rgb: (STORED, STORED, 3) uint8, on white; category: '' where only the kind is known; shares: (len(COLOURS),)
    float32; source: home, street, tagged or catalogue; garment: pictures of one garment share it; label: as the
    source has it. extra: one more look at a garment that is listed already, to learn from and not to measure on.
    """

    rgb: np.ndarray
    category: str
    kind: str
    colour: str
    shares: np.ndarray
    pattern: str
    source: str
    garment: str
    label: str
    held_out: bool
    extra: bool = False


def _stored(rgb: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    return cv2.resize(square_on_white(rgb, alpha), (STORED, STORED), interpolation=cv2.INTER_AREA)


def home_pieces(data: Data, cache: Path, cutout: CutoutModel) -> list[Piece]:
    """Every single garment's picture as the product prepares it; those to learn from under reviewed names, also cut by
    GrabCut where that is sure, and uncut, since the background remover fails on some."""
    pieces = []
    for published in tqdm(read_garments(data), desc="garments at home", mininterval=5):
        garment = published if published.held_out else published.put_right()
        if not garment.kind:
            continue
        rgb = garment.read(GARMENT_SIDE)
        alpha = cutout.cached_alpha(garment.path, rgb, cache, garment.stem)
        sure = None if garment.held_out else sure_mask(garment, cache)
        shares = colour_shares(rgb, alpha >= 128 if sure is None else sure)
        category = "" if garment.label in WIDE_LABELS else garment.category
        first = Piece(
            cv2.resize(prepare_picture(rgb, alpha), (STORED, STORED), interpolation=cv2.INTER_AREA), category,
            garment.kind, colour_name(shares), shares, "", "home", f"home {garment.stem}", garment.label,
            garment.held_out,
        )  # fmt: skip
        pieces.append(first)
        if not garment.held_out:
            cuts = [np.full(alpha.shape, 255, np.uint8)] if sure is None else [sure.astype(np.uint8) * 255]
            pieces += [replace(first, rgb=_stored(rgb, cut), extra=True) for cut in cuts]
    return pieces


def ragged(mask: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """An (H, W) bool mask as a segmenter might have found it: grown here, worn away there; bool."""
    side = max(mask.shape)
    reach = side * rng.uniform(0.005, 0.03)
    inside = cv2.distanceTransform(mask.astype(np.uint8), cv2.DIST_L2, 3)
    outside = cv2.distanceTransform((~mask).astype(np.uint8), cv2.DIST_L2, 3)
    cells = rng.normal(0, 1, (6, 6)).astype(np.float32)
    wave = cv2.resize(cells, mask.shape[::-1], interpolation=cv2.INTER_CUBIC) * reach
    found = inside - outside + wave > 0
    return found if found.sum() > 0.3 * mask.sum() else mask


def street_pieces(data: Data, cache: Path) -> list[Piece]:
    """Every garment of the street photos, cut out by its labels; those to learn from also with a ragged edge."""
    pieces: list[Piece] = []
    rng = np.random.default_rng(0)
    for street in tqdm(read_streets(data, cache, "all"), desc="street garments", mininterval=5):
        for meaning, own, mask in (street if street.held_out else street.put_right()).labelled():
            if mask.mean() < LEAST_STREET:
                continue
            shares = colour_shares(street.rgb, mask)
            first = Piece(
                _stored(street.rgb, mask.astype(np.uint8) * 255), category_of_meaning(meaning),
                kind_of_meaning(meaning), colour_name(shares), shares, "", "street", own, meaning, street.held_out,
            )  # fmt: skip
            pieces.append(first)
            if not first.held_out:
                looser = ragged(mask, rng).astype(np.uint8) * 255
                pieces.append(replace(first, rgb=_stored(street.rgb, looser), extra=True))
    return pieces


def tagged_pieces(data: Data, find: Find) -> list[Piece]:
    """Every garment that a segmenter finds on the photos that have tags, under the name that the tags leave for it."""
    pieces: list[Piece] = []
    for stem, meanings, (rgb, found) in tagged_pictures(data, find, whole=False):
        for kind, mask in found:
            if mask.mean() < LEAST_STREET:
                continue
            named = sorted(meaning for meaning in meanings if kind_of_meaning(meaning) == KINDS[kind])
            shares = colour_shares(rgb, mask)
            pieces.append(Piece(
                _stored(rgb, mask.astype(np.uint8) * 255), category_of_meaning(named[0]) if len(named) == 1 else "",
                KINDS[kind], colour_name(shares), shares, "", "tagged", f"tagged {stem} {KINDS[kind]}",
                " or ".join(named), held_out=False,
            ))  # fmt: skip
    return pieces


def catalogue_pieces(catalogue: Path) -> list[Piece]:
    """The rendered articles of a catalogue folder with items.csv; none where there is no such folder."""
    if not (catalogue / "items.csv").exists():
        return []
    with (catalogue / "items.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    pieces = []
    for row in rows:
        path = catalogue / row["image"]
        if row["category"] not in KIND_OF_CATEGORY or not path.exists():
            continue
        rgb = read_rgb(path)
        mask = rgb.min(axis=2) < 245
        shares = colour_shares(rgb, mask)
        colour = colour_word(row["colour"]) or colour_name(shares)
        pieces.append(Piece(
            _stored(rgb, np.where(mask, 255, 0).astype(np.uint8)), row["category"], KIND_OF_CATEGORY[row["category"]],
            colour, shares, row.get("pattern", ""), "catalogue", f"catalogue {row['id']}", row["category"],
            item_held_out(row["id"]),
        ))  # fmt: skip
    return pieces


def draped_pieces(
    drapes: Path, catalogue: Path, shop: list[Piece], cutout: CutoutModel, streets: Sequence[Street]
) -> list[Piece]:
    """Further looks at the catalogue's items: each second drape cut out exactly, and in made-up photos, cut out as the
    product would. Items to learn from come in rougher photos, too, of both drapes, and in DYES other dyes."""
    of_garment = {p.garment: p for p in shop}
    pieces = []
    rng = np.random.default_rng(0)
    for drape in tqdm(list(read_drapes(drapes, catalogue)), desc="second drapes", mininterval=5):
        like = of_garment.get(f"catalogue {drape.item}")
        if like is None:
            continue
        like = replace(like, source="draped", extra=True)
        pieces += [_exactly(drape, like), *_photos(drape, like, PHOTOGRAPHED, cutout, streets, rng)]
        if like.held_out:
            continue
        rgb = read_rgb(drape.shop)
        both = (replace(drape, rgb=rgb, mask=cutout.alpha(rgb) >= 128), drape)
        own = np.random.default_rng(zlib.crc32(drape.item.encode()))
        pieces += [piece for one in both for piece in _photos(one, like, ROUGH, cutout, streets, own, True)]
        for dye in range(DYES):
            for one, other in _dipped(both, like, dye):
                pieces += [_exactly(one, other), *_photos(one, other, 1, cutout, streets, own, True)]
    return pieces


def _dipped(both: Sequence[Drape], like: Piece, dye: int) -> list[tuple[Drape, Piece]]:
    """Both drapes of an item in another dye, each with what is known of that new article; none where it hardly
    shows."""
    pixels = [dyed(one.rgb, one.mask, np.random.default_rng([dye, zlib.crc32(one.item.encode())])) for one in both]
    made = [replace(one, rgb=rgb) for one, rgb in zip(both, pixels, strict=True) if rgb is not None]
    if len(made) < len(both):
        return []
    shares = colour_shares(made[0].rgb, made[0].mask)
    known = replace(like, shares=shares, colour=colour_name(shares), garment=f"{like.garment} dyed {dye}")
    return [(one, known) for one in made]


def _exactly(drape: Drape, like: Piece) -> Piece:
    return replace(like, rgb=_stored(drape.rgb, drape.mask.astype(np.uint8) * 255))


def _photos(
    drape: Drape, like: Piece, count: int, cutout: CutoutModel, streets: Sequence[Street], rng: np.random.Generator,
    rough: bool = False,
) -> list[Piece]:  # fmt: skip
    """The drape in at most `count` made-up photos, as the product would cut it out of them."""
    pieces = []
    for photo in (photographed(drape, streets, rng, rough) for _ in range(count)):
        if photo is None:
            continue
        rgb, mask = photo
        alpha = cutout.alpha(rgb)
        found = alpha >= 128
        if np.count_nonzero(found & mask) < 0.5 * np.count_nonzero(found | mask):
            # The background remover failed: the segmenter may still have found the garment.
            alpha = ragged(mask, rng).astype(np.uint8) * 255
        pieces.append(replace(like, rgb=_stored(rgb, alpha)))
    return pieces


def all_pieces(
    data: Data, cache: Path, cutout: CutoutModel, catalogue: Path, drapes: Path | None = Path("assets/drapes"),
    find: Find | None = None,
) -> list[Piece]:  # fmt: skip
    """Home, street and catalogue garments; the first two are kept in `cache` under the checksums of the cut-out model
    and of the reviewed names.

    drapes: folder of the studio's second drapes, None to leave them out.
    find: a trained segmenter that outlines garments on the photos which have tags only; without one they are left out.
    """
    key = opened(data).key
    kept = cache / f"pieces-7-{cutout.mark}-{names_mark()}{key and '-'}{key}.npz"
    if not kept.exists():
        made = home_pieces(data, cache, cutout) + street_pieces(data, cache)
        if not made:
            raise DataUnreadable(f"“{opened(data).root}” has no garment that is large enough to learn from.")
        words = [[p.category, p.kind, p.colour, p.pattern, p.source, p.garment, p.label] for p in made]
        with whole(kept) as draft:
            np.savez(
                draft, rgb=np.stack([p.rgb for p in made]), words=np.array(words),
                shares=np.stack([p.shares for p in made]), held_out=np.array([p.held_out for p in made]),
                extra=np.array([p.extra for p in made]),
            )  # fmt: skip
    with np.load(kept) as file:
        columns = (file["rgb"], file["words"], file["shares"], file["held_out"], file["extra"])
    pieces = [
        Piece(rgb, w[0], w[1], w[2], shares, w[3], w[4], w[5], w[6], bool(out), bool(extra))
        for rgb, w, shares, out, extra in zip(*columns, strict=True)
    ]
    if find:
        pieces += tagged_pieces(data, find)
    shop = catalogue_pieces(catalogue)
    if drapes is None:
        return pieces + shop
    return pieces + shop + draped_pieces(drapes, catalogue, shop, cutout, read_streets(data, cache, "train"))


def to_tensor(pieces: list[Piece]) -> torch.Tensor:
    """(N, 3, SIDE, SIDE) float32 in 0..1 without augmentation, as the runtime's transform prepares them."""
    resize = v2.Resize((SIDE, SIDE), interpolation=v2.InterpolationMode.BICUBIC, antialias=True)
    stacked = torch.from_numpy(np.stack([p.rgb for p in pieces])).permute(0, 3, 1, 2)
    return torch.cat([resize(part) for part in stacked.split(64)]).float() / 255
