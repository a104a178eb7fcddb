"""The catalogue's items: which cut comes in which cloth. The list depends on nothing but this file and ``SEED``."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

import numpy as np

from studio.cuts import CUTS
from studio.wardrobe import GOODS, ROWS
from studio.wardrobe_later import LATER_GOODS, LATER_ROWS

SEED = 20
CATEGORIES: tuple[str, ...] = (
    "t-shirt", "polo", "shirt", "blouse", "top", "undershirt", "bodysuit", "sweater", "sweatshirt", "hoodie",
    "cardigan", "coat", "jacket", "blazer", "vest", "suit", "dress", "jumpsuit", "trousers", "jeans", "leggings",
    "shorts", "skirt", "shoes", "boots", "sandals", "heels", "sneakers", "bag", "hat", "scarf", "glasses", "belt",
    "socks",
)  # fmt: skip
PATTERNS: tuple[str, ...] = (
    "solid", "striped", "plaid", "gingham", "dotted", "floral", "camouflage", "denim", "knit", "colour-block",
    "print",
)  # fmt: skip


@dataclass(frozen=True)
class Item:
    """One catalogue item: a cut (or a modelled shape) in a fabric and dye; the price is in EUR."""

    id: str
    cut: str
    category: str
    style: str
    noun: str
    material: str
    fabric: str
    colours: tuple[str, ...]
    options: tuple[tuple[str, object], ...]
    trim: str
    thread: str
    button: str
    price: float
    seed: int

    def title(self, colour: str) -> str:
        """The shop title, e.g. "Wide-stripe cotton tee in navy"."""
        words = f"{self.style} {self.material} {self.noun}"
        text = " ".join(dict.fromkeys(words.split()))
        return f"{text[0].upper()}{text[1:]} in {colour}"


@cache
def items() -> tuple[Item, ...]:
    """Every item in a fixed order."""
    rng = np.random.default_rng(SEED)
    out: list[Item] = []
    goods_of = {**GOODS, **LATER_GOODS}
    for cut, rows in (*ROWS.items(), *LATER_ROWS.items()):
        goods = goods_of[cut]
        before = sum(item.cut == cut for item in out)
        for number, row in enumerate(rows, before + 1):
            price = round(goods.price * float(rng.uniform(0.8, 1.25))) + 0.9
            extra = dict(row.extra)
            out.append(
                Item(
                    id=f"{cut}-{number:02d}",
                    cut=cut,
                    category=CUTS[cut].category if cut in CUTS else goods.category,
                    style=row.style,
                    noun=goods.noun,
                    material=row.material or goods.material,
                    fabric=row.fabric,
                    colours=tuple(row.dyes.split()),
                    options=tuple((k, v) for k, v in extra.items() if k not in ("trim", "thread", "button")),
                    trim=str(extra.get("trim", "")),
                    thread=str(extra.get("thread", "")),
                    button=str(extra.get("button", "white")),
                    price=price,
                    seed=int(rng.integers(1, 10**6)),
                )
            )
    return tuple(out)
