"""What the embedder is shown: garments in other shapes and lights, similar articles side by side."""

from collections import Counter

import numpy as np
import pytest

pytest.importorskip("torch")

import torch

from pipeline.training.embedder_data import STORED, Piece
from pipeline.training.embedder_views import SIDE, WORKING, Mixed, Views, cut_short, varied


def garment(colour: tuple[int, int, int], source: str, name: str, category: str = "shirt") -> Piece:
    rgb = np.full((STORED, STORED, 3), 255, np.uint8)
    rgb[40:150, 50:140] = colour
    return Piece(rgb, category, "top", "red", np.zeros(18, np.float32), "", source, name, "Shirt", held_out=False)


def test_a_view_is_another_picture_of_the_same_colour_on_white() -> None:
    torch.manual_seed(0)
    views = Views([garment((190, 30, 40), "home", "a")])
    pictures, place = views[0]
    assert pictures.shape == (2, 3, WORKING, WORKING) and place == 0
    seen = varied(pictures[:1].expand(32, -1, -1, -1))
    assert seen.shape == (32, 3, SIDE, SIDE)
    assert seen.min() >= 0 and seen.max() <= 1
    assert not torch.equal(seen[0], seen[1])
    for picture in seen:
        cloth = picture[:, picture.amin(0) < 0.6]
        assert cloth.shape[1] > 500
        red, green, blue = cloth.median(1).values
        assert red > 2 * green and red > 2 * blue
    # Where nothing lies, no light changes the white.
    assert (seen == 1).all(1).float().mean() > 0.2


def test_a_garment_cut_short_fills_its_square_again() -> None:
    torch.manual_seed(0)
    picture = torch.ones(3, WORKING, WORKING)
    picture[:, 20:160, 60:120] = torch.tensor([0.7, 0.1, 0.1])[:, None, None]
    seen = cut_short(picture.expand(40, -1, -1, -1), chance=1.0)
    ratios = []
    for rows, columns in ((cloth.any(1).sum().item(), cloth.any(0).sum().item()) for cloth in seen.amin(1) < 0.5):
        assert 0.9 * WORKING < max(rows, columns) < WORKING
        ratios.append(rows / columns)
    # A strip is gone at one end, or along one side: what is left is squatter or slimmer than it was.
    assert min(ratios) < 0.9 * 140 / 60 < 140 / 60 * 1.1 < max(ratios)
    assert torch.equal(cut_short(seen, chance=0.0), seen)
    blank = torch.ones(2, 3, WORKING, WORKING)
    assert torch.isfinite(cut_short(blank, chance=1.0)).all()


def test_the_second_view_may_come_from_another_picture_of_the_garment() -> None:
    torch.manual_seed(0)
    views = Views([garment((190, 30, 40), "home", "a"), garment((30, 30, 190), "home", "a")])
    seconds = {tuple(views[0][0][1, :, WORKING // 2, WORKING // 2].tolist()) for _ in range(20)}
    assert seconds == {(190, 30, 40), (30, 30, 190)}


def test_a_quarter_of_each_batch_is_articles_of_few_categories_of_the_catalogue() -> None:
    torch.manual_seed(0)
    home = [garment((9, 9, 9), "home", f"h{n}") for n in range(40)]
    shop = [garment((9, 9, 9), "catalogue", f"{c}{n}", f"category {c}") for c in range(10) for n in range(6)]
    drapes = [garment((9, 9, 9), "draped", p.garment, p.category) for p in shop]
    pieces = home + shop + drapes
    weights = [1.0] * len(home) + [0.0] * len(shop + drapes)
    batches = list(Mixed(pieces, weights, batch=40, samples=160))
    assert len(batches) == 4
    for batch in batches:
        shown = [pieces[place] for place in batch if pieces[place].source != "home"]
        assert len(batch) == 40 and len(shown) == 10
        assert len(Counter(p.category for p in shown)) <= 3
    assert all(len(batch) == 8 for batch in Mixed(home, [1.0] * 40, batch=8, samples=16))
