"""The wardrobe: for every cut its shop noun, usual material and price, and the fabrics it comes in.

A row reads: style words, fabric, palette names, then options of the fabric (lengths in metres) and ``trim``,
``thread``, ``button`` colours.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Goods:
    """What the shop calls a cut, and about what it costs (EUR); ``category`` only for shapes without a cut."""

    noun: str
    material: str
    price: float
    category: str = ""


@dataclass(frozen=True)
class Row:
    """One dye of a cut."""

    style: str
    fabric: str
    dyes: str
    material: str
    extra: tuple[tuple[str, object], ...]


def _row(style: str, fabric: str, dyes: str, material: str = "", **extra: object) -> Row:
    return Row(style, fabric, dyes, material, tuple(extra.items()))


GOODS: dict[str, Goods] = {
    "tee": Goods("tee", "cotton", 18), "teev": Goods("v-neck tee", "cotton", 20), "polo": Goods("polo", "pique", 30),
    "shirt": Goods("shirt", "cotton", 40), "campshirt": Goods("short-sleeve shirt", "viscose", 35),
    "blouse": Goods("blouse", "viscose", 38), "longsleeve": Goods("long-sleeve top", "jersey", 24),
    "cami": Goods("camisole", "satin", 22), "tank": Goods("undershirt", "cotton", 13),
    "body": Goods("bodysuit", "jersey", 25), "cable": Goods("cable-knit sweater", "wool", 60),
    "jumper": Goods("sweater", "wool", 50), "sweatshirt": Goods("sweatshirt", "fleece", 38),
    "hoodie": Goods("hoodie", "fleece", 45), "cardigan": Goods("cardigan", "wool", 55),
    "vest": Goods("sweater vest", "wool", 40), "waistcoat": Goods("waistcoat", "wool", 48),
    "coat": Goods("double-breasted coat", "wool", 140), "jacket": Goods("bomber jacket", "nylon", 80),
    "trucker": Goods("trucker jacket", "denim", 75), "blazer": Goods("blazer", "wool", 110),
    "dress": Goods("flared dress", "viscose", 55), "shiftdress": Goods("shift dress", "cotton", 48),
    "jumpsuit": Goods("jumpsuit", "viscose", 65), "skirt": Goods("flared skirt", "wool", 42),
    "miniskirt": Goods("button-front skirt", "cotton", 35), "midiskirt": Goods("midi skirt", "viscose", 46),
    "jeans": Goods("straight jeans", "denim", 60), "chinos": Goods("chinos", "cotton", 45),
    "wide": Goods("wide-leg trousers", "linen", 50), "leggings": Goods("leggings", "stretch", 22),
    "shorts": Goods("shorts", "cotton", 30), "joggers": Goods("jersey shorts", "cotton", 24),
    "tote": Goods("tote bag", "canvas", 20), "scarf": Goods("scarf", "wool", 28), "socks": Goods("socks", "cotton", 8),
    "beanie": Goods("bobble hat", "wool", 20, "hat"), "brimhat": Goods("fedora", "felt", 45, "hat"),
    "buckethat": Goods("bucket hat", "cotton", 25, "hat"), "glasses": Goods("glasses", "acetate", 60, "glasses"),
    "belt": Goods("belt", "leather", 28, "belt"), "wellies": Goods("wellington boots", "rubber", 45, "boots"),
    "chelsea": Goods("chelsea boots", "leather", 110, "boots"),
    "plimsolls": Goods("plimsolls", "canvas", 40, "sneakers"),
}  # fmt: skip
ROWS: dict[str, tuple[Row, ...]] = {
    "tee": (
        _row("breton-stripe", "stripes", "white navy", period=0.03),
        _row("bold-stripe", "stripes", "white red", period=0.07, duty=0.5),
        _row("plain", "solid", "mustard"), _row("plain", "solid", "black"),
        _row("polka-dot", "dots", "navy white"), _row("plain", "solid", "sky"),
    ),
    "teev": (
        _row("fitted", "solid", "teal"), _row("ditsy-floral", "floral", "white pink coral"),
        _row("fine-stripe", "stripes", "pink white", period=0.016), _row("fitted", "solid", "red"),
    ),
    "polo": (
        _row("tipped", "solid", "navy", trim="white"), _row("classic", "solid", "forest"),
        _row("wide-stripe", "stripes", "white blue", period=0.08, duty=0.5, trim="blue"),
        _row("classic", "solid", "burgundy", trim="navy"), _row("classic", "solid", "yellow"),
    ),
    "shirt": (
        _row("lumberjack plaid", "plaid", "red black burgundy", "flannel", period=0.09),
        _row("oxford", "solid", "ice"), _row("gingham", "gingham", "white blue"),
        _row("pinstripe", "stripes", "white navy", period=0.018, duty=0.22, vertical=True),
        _row("plaid", "plaid", "mint forest navy", "flannel", period=0.06),
    ),
    "campshirt": (
        _row("tropical floral", "floral", "petrol coral mustard", size=0.034),
        _row("relaxed", "solid", "olive", "linen"),
        _row("polka-dot", "dots", "black white", period=0.032, radius=0.006, button="black"),
    ),
    "blouse": (
        _row("floral", "floral", "blush burgundy white", size=0.018), _row("gathered", "solid", "chalk"),
        _row("polka-dot", "dots", "red white", period=0.03, radius=0.006), _row("gathered", "solid", "purple"),
    ),
    "longsleeve": (
        _row("striped", "stripes", "black white", period=0.04, duty=0.45, trim="black"),
        _row("plain", "solid", "burgundy"),
        _row("ribbed", "rib", "grey"), _row("plain", "solid", "green"),
    ),
    "cami": (
        _row("silky", "solid", "black"), _row("silky", "solid", "blush"),
        _row("floral", "floral", "yellow white coral", "viscose", size=0.02), _row("silky", "solid", "teal"),
    ),
    "tank": (
        _row("classic", "solid", "chalk"), _row("heathered", "melange", "grey"), _row("ribbed", "rib", "black"),
        _row("striped", "stripes", "navy white", period=0.024, duty=0.35, trim="navy"),
    ),
    "body": (_row("ribbed", "rib", "black"), _row("plain", "solid", "red"), _row("plain", "solid", "beige")),
    "cable": (_row("chunky", "cable", "ecru"), _row("chunky", "cable", "petrol"), _row("chunky", "cable", "rust")),
    "jumper": (
        _row("fair-isle", "knit", "navy red white", trim="navy"),
        _row("block-stripe", "striped_knit", "mustard navy", trim="navy"),
        _row("soft", "knit", "pink"), _row("soft", "knit", "burgundy"),
    ),
    "sweatshirt": (
        _row("heathered", "melange", "grey"),
        _row("colour-block", "blocks", "navy white red", at=(-0.26, -0.40), trim="navy"),
        _row("classic", "solid", "green"), _row("classic", "solid", "lilac"),
    ),
    "hoodie": (
        _row("classic", "solid", "teal"), _row("heathered", "melange", "charcoal"), _row("classic", "solid", "mustard"),
        _row("camouflage", "camouflage", "khaki moss stone bark", trim="moss"), _row("classic", "solid", "red"),
    ),
    "cardigan": (
        _row("soft", "knit", "light_grey", button="charcoal"), _row("soft", "knit", "forest", button="camel"),
        _row("soft", "knit", "mustard", button="brown"), _row("soft", "knit", "navy", button="camel"),
    ),
    "vest": (
        _row("soft", "knit", "burgundy"), _row("fair-isle", "knit", "beige brown navy", trim="brown"),
        _row("cable-knit", "cable", "navy"),
    ),
    "waistcoat": (
        _row("checked", "plaid", "grey charcoal white", period=0.05, button="charcoal"),
        _row("needlecord", "corduroy", "brown", "cotton", button="camel"),
        _row("tailored", "solid", "navy", button="black"),
    ),
    "coat": (
        _row("tailored", "melange", "camel", amount=0.05, button="brown"),
        _row("tailored", "melange", "black", button="black"),
        _row("checked", "plaid", "grey charcoal white", period=0.11, button="black"),
        _row("tailored", "melange", "burgundy", amount=0.05, button="black"),
        _row("tailored", "melange", "blue", amount=0.05, button="navy"),
    ),
    "jacket": (
        _row("flight", "solid", "olive"),
        _row("flight", "solid", "black"),
        _row("flight", "solid", "burgundy", trim="navy"),
        _row("camouflage", "camouflage", "khaki moss stone bark", trim="bark"),
        _row("flight", "solid", "orange", trim="black"),
    ),
    "trucker": (
        _row("classic", "denim", "denim", thread="camel", button="camel"),
        _row("classic", "denim", "charcoal", thread="grey", button="light_grey"),
        _row("cord", "corduroy", "tan", "cotton", button="chocolate"),
    ),
    "blazer": (
        _row("tailored", "melange", "navy", amount=0.04, button="black"),
        _row("checked", "plaid", "sand brown white", period=0.06, button="brown"),
        _row("tailored", "melange", "grey", amount=0.06, button="charcoal"),
        _row("tailored", "solid", "pink", "linen", button="white"),
    ),
    "dress": (
        _row("floral", "floral", "navy pink white"), _row("plain", "solid", "red"),
        _row("gingham", "gingham", "white yellow", "cotton", trim="yellow"), _row("polka-dot", "dots", "black white"),
        _row("plain", "solid", "forest"),
    ),
    "shiftdress": (
        _row("striped", "stripes", "white navy", period=0.05, duty=0.5, trim="navy"), _row("plain", "solid", "orange"),
        _row("floral", "floral", "lilac purple white", size=0.026), _row("plain", "solid", "sky", "linen"),
    ),
    "jumpsuit": (
        _row("belted", "solid", "black"), _row("belted", "solid", "olive", trim="brown"),
        _row("floral", "floral", "blue white pink", trim="navy"),
    ),
    "skirt": (
        _row("tartan", "plaid", "red navy yellow", trim="burgundy"), _row("plain", "solid", "navy"),
        _row("polka-dot", "dots", "green white", "cotton"), _row("plain", "melange", "grey"),
    ),
    "miniskirt": (
        _row("denim", "denim", "denim", "denim", thread="camel", button="camel"),
        _row("plain", "solid", "black", button="black"),
        _row("cord", "corduroy", "tan", button="camel"), _row("gingham", "gingham", "white red", button="white"),
    ),
    "midiskirt": (
        _row("floral", "floral", "ecru coral teal"), _row("plain", "solid", "purple"), _row("plain", "solid", "camel"),
    ),
    "jeans": (
        _row("mid-wash", "denim", "denim", thread="camel"), _row("raw", "denim", "navy", thread="camel"),
        _row("washed", "denim", "charcoal", thread="grey"), _row("bleached", "denim", "sky", thread="sand"),
    ),
    "chinos": (
        _row("slim", "solid", "beige"), _row("slim", "solid", "navy"), _row("slim", "solid", "olive"),
        _row("cord", "corduroy", "burgundy"),
    ),
    "wide": (
        _row("breezy", "solid", "chalk"),
        _row("breezy", "solid", "brown"),
        _row("checked", "plaid", "grey charcoal white", "wool", period=0.08),
    ),
    "leggings": (
        _row("sports", "solid", "black"),
        _row("heathered", "melange", "grey"),
        _row("sports", "solid", "burgundy"),
    ),
    "shorts": (
        _row("camouflage", "camouflage", "khaki moss stone bark"),
        _row("chino", "solid", "navy"),
        _row("chino", "solid", "sand"),
        _row("denim", "denim", "denim", "denim", thread="camel"),
    ),
    "joggers": (
        _row("heathered", "melange", "grey"),
        _row("sports", "solid", "red"),
        _row("sports", "solid", "teal"),
    ),
    "tote": (
        _row("plain", "solid", "ecru", trim="tan"),
        _row("plain", "solid", "black"),
        _row("striped", "stripes", "white blue", period=0.05, trim="blue"),
        _row("polka-dot", "dots", "red white"),
    ),
    "scarf": (
        _row("checked", "plaid", "sand navy white", period=0.11),
        _row("tartan", "plaid", "red forest navy", period=0.11),
        _row("soft", "melange", "grey"), _row("block-stripe", "stripes", "forest mustard", period=0.16, duty=0.45),
    ),
    "socks": (
        _row("striped", "stripes", "white red", period=0.022, duty=0.5, trim="red"),
        _row("polka-dot", "dots", "navy white", period=0.024, radius=0.005, trim="mustard"),
        _row("plain", "melange", "charcoal"), _row("plain", "solid", "mustard", trim="teal"),
    ),
    "beanie": (
        _row("ribbed", "knit", "ecru burgundy navy", trim="navy"), _row("ribbed", "knit", "red", trim="white"),
        _row("ribbed", "knit", "charcoal"), _row("ribbed", "knit", "teal", trim="mustard"),
    ),
    "brimhat": (
        _row("wide-brim", "solid", "camel", trim="chocolate"),
        _row("wide-brim", "solid", "black", trim="burgundy"),
    ),
    "buckethat": (
        _row("plain", "solid", "olive"),
        _row("denim", "denim", "denim", "denim"),
        _row("polka-dot", "dots", "pink white"),
    ),
    "glasses": (
        _row("round", "solid", "black", trim="charcoal"),
        _row("tortoiseshell", "solid", "brown"),
        _row("retro", "solid", "red"),
    ),
    "belt": (_row("smooth", "solid", "tan"), _row("smooth", "solid", "black"), _row("smooth", "solid", "burgundy")),
    "wellies": (_row("glossy", "solid", "yellow", trim="chalk"), _row("glossy", "solid", "navy", trim="red")),
    "chelsea": (_row("smooth", "solid", "brown"), _row("smooth", "solid", "black")),
    "plimsolls": (
        _row("classic", "solid", "red"), _row("classic", "solid", "navy"), _row("classic", "solid", "chalk"),
        _row("classic", "solid", "black"),
    ),
}  # fmt: skip
