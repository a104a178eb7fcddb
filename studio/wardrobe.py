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


def row(style: str, fabric: str, dyes: str, material: str = "", **extra: object) -> Row:
    """A row of the tables; further keywords are options of the fabric, or ``trim``, ``thread``, ``button``."""
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
        row("breton-stripe", "stripes", "white navy", period=0.03),
        row("bold-stripe", "stripes", "white red", period=0.07, duty=0.5),
        row("plain", "solid", "mustard"), row("plain", "solid", "black"),
        row("polka-dot", "dots", "navy white"), row("plain", "solid", "sky"),
    ),
    "teev": (
        row("fitted", "solid", "teal"), row("ditsy-floral", "floral", "white pink coral"),
        row("fine-stripe", "stripes", "pink white", period=0.016), row("fitted", "solid", "red"),
    ),
    "polo": (
        row("tipped", "solid", "navy", trim="white"), row("classic", "solid", "forest"),
        row("wide-stripe", "stripes", "white blue", period=0.08, duty=0.5, trim="blue"),
        row("classic", "solid", "burgundy", trim="navy"), row("classic", "solid", "yellow"),
    ),
    "shirt": (
        row("lumberjack plaid", "plaid", "red black burgundy", "flannel", period=0.09),
        row("oxford", "solid", "ice"), row("gingham", "gingham", "white blue"),
        row("pinstripe", "stripes", "white navy", period=0.018, duty=0.22, vertical=True),
        row("plaid", "plaid", "mint forest navy", "flannel", period=0.06),
    ),
    "campshirt": (
        row("tropical floral", "floral", "petrol coral mustard", size=0.034),
        row("relaxed", "solid", "olive", "linen"),
        row("polka-dot", "dots", "black white", period=0.032, radius=0.006, button="black"),
    ),
    "blouse": (
        row("floral", "floral", "blush burgundy white", size=0.018), row("gathered", "solid", "chalk"),
        row("polka-dot", "dots", "red white", period=0.03, radius=0.006), row("gathered", "solid", "purple"),
    ),
    "longsleeve": (
        row("striped", "stripes", "black white", period=0.04, duty=0.45, trim="black"),
        row("plain", "solid", "burgundy"),
        row("ribbed", "rib", "grey"), row("plain", "solid", "green"),
    ),
    "cami": (
        row("silky", "solid", "black"), row("silky", "solid", "blush"),
        row("floral", "floral", "yellow white coral", "viscose", size=0.02), row("silky", "solid", "teal"),
    ),
    "tank": (
        row("classic", "solid", "chalk"), row("heathered", "melange", "grey"), row("ribbed", "rib", "black"),
        row("striped", "stripes", "navy white", period=0.024, duty=0.35, trim="navy"),
    ),
    "body": (row("ribbed", "rib", "black"), row("plain", "solid", "red"), row("plain", "solid", "beige")),
    "cable": (row("chunky", "cable", "ecru"), row("chunky", "cable", "petrol"), row("chunky", "cable", "rust")),
    "jumper": (
        row("fair-isle", "knit", "navy red white", trim="navy"),
        row("block-stripe", "striped_knit", "mustard navy", trim="navy"),
        row("soft", "knit", "pink"), row("soft", "knit", "burgundy"),
    ),
    "sweatshirt": (
        row("heathered", "melange", "grey"),
        row("colour-block", "blocks", "navy white red", at=(-0.26, -0.40), trim="navy"),
        row("classic", "solid", "green"), row("classic", "solid", "lilac"),
    ),
    "hoodie": (
        row("classic", "solid", "teal"), row("heathered", "melange", "charcoal"), row("classic", "solid", "mustard"),
        row("camouflage", "camouflage", "khaki moss stone bark", trim="moss"), row("classic", "solid", "red"),
    ),
    "cardigan": (
        row("soft", "knit", "light_grey", button="charcoal"), row("soft", "knit", "forest", button="camel"),
        row("soft", "knit", "mustard", button="brown"), row("soft", "knit", "navy", button="camel"),
    ),
    "vest": (
        row("soft", "knit", "burgundy"), row("fair-isle", "knit", "beige brown navy", trim="brown"),
        row("cable-knit", "cable", "navy"),
    ),
    "waistcoat": (
        row("checked", "plaid", "grey charcoal white", period=0.05, button="charcoal"),
        row("needlecord", "corduroy", "brown", "cotton", button="camel"),
        row("tailored", "solid", "navy", button="black"),
    ),
    "coat": (
        row("tailored", "melange", "camel", amount=0.05, button="brown"),
        row("tailored", "melange", "black", button="black"),
        row("checked", "plaid", "grey charcoal white", period=0.11, button="black"),
        row("tailored", "melange", "burgundy", amount=0.05, button="black"),
        row("tailored", "melange", "blue", amount=0.05, button="navy"),
    ),
    "jacket": (
        row("flight", "solid", "olive"),
        row("flight", "solid", "black"),
        row("flight", "solid", "burgundy", trim="navy"),
        row("camouflage", "camouflage", "khaki moss stone bark", trim="bark"),
        row("flight", "solid", "orange", trim="black"),
    ),
    "trucker": (
        row("classic", "denim", "denim", thread="camel", button="camel"),
        row("classic", "denim", "charcoal", thread="grey", button="light_grey"),
        row("cord", "corduroy", "tan", "cotton", button="chocolate"),
    ),
    "blazer": (
        row("tailored", "melange", "navy", amount=0.04, button="black"),
        row("checked", "plaid", "sand brown white", period=0.06, button="brown"),
        row("tailored", "melange", "grey", amount=0.06, button="charcoal"),
        row("tailored", "solid", "pink", "linen", button="white"),
    ),
    "dress": (
        row("floral", "floral", "navy pink white"), row("plain", "solid", "red"),
        row("gingham", "gingham", "white yellow", "cotton", trim="yellow"), row("polka-dot", "dots", "black white"),
        row("plain", "solid", "forest"),
    ),
    "shiftdress": (
        row("striped", "stripes", "white navy", period=0.05, duty=0.5, trim="navy"), row("plain", "solid", "orange"),
        row("floral", "floral", "lilac purple white", size=0.026), row("plain", "solid", "sky", "linen"),
    ),
    "jumpsuit": (
        row("belted", "solid", "black"), row("belted", "solid", "olive", trim="brown"),
        row("floral", "floral", "blue white pink", trim="navy"),
    ),
    "skirt": (
        row("tartan", "plaid", "red navy yellow", trim="burgundy"), row("plain", "solid", "navy"),
        row("polka-dot", "dots", "green white", "cotton"), row("plain", "melange", "grey"),
    ),
    "miniskirt": (
        row("denim", "denim", "denim", "denim", thread="camel", button="camel"),
        row("plain", "solid", "black", button="black"),
        row("cord", "corduroy", "tan", button="camel"), row("gingham", "gingham", "white red", button="white"),
    ),
    "midiskirt": (
        row("floral", "floral", "ecru coral teal"), row("plain", "solid", "purple"), row("plain", "solid", "camel"),
    ),
    "jeans": (
        row("mid-wash", "denim", "denim", thread="camel"), row("raw", "denim", "navy", thread="camel"),
        row("washed", "denim", "charcoal", thread="grey"), row("bleached", "denim", "sky", thread="sand"),
    ),
    "chinos": (
        row("slim", "solid", "beige"), row("slim", "solid", "navy"), row("slim", "solid", "olive"),
        row("cord", "corduroy", "burgundy"),
    ),
    "wide": (
        row("breezy", "solid", "chalk"),
        row("breezy", "solid", "brown"),
        row("checked", "plaid", "grey charcoal white", "wool", period=0.08),
    ),
    "leggings": (
        row("sports", "solid", "black"),
        row("heathered", "melange", "grey"),
        row("sports", "solid", "burgundy"),
    ),
    "shorts": (
        row("camouflage", "camouflage", "khaki moss stone bark"),
        row("chino", "solid", "navy"),
        row("chino", "solid", "sand"),
        row("denim", "denim", "denim", "denim", thread="camel"),
    ),
    "joggers": (
        row("heathered", "melange", "grey"),
        row("sports", "solid", "red"),
        row("sports", "solid", "teal"),
    ),
    "tote": (
        row("plain", "solid", "ecru", trim="tan"),
        row("plain", "solid", "black"),
        row("striped", "stripes", "white blue", period=0.05, trim="blue"),
        row("polka-dot", "dots", "red white"),
    ),
    "scarf": (
        row("checked", "plaid", "sand navy white", period=0.11),
        row("tartan", "plaid", "red forest navy", period=0.11),
        row("soft", "melange", "grey"), row("block-stripe", "stripes", "forest mustard", period=0.16, duty=0.45),
    ),
    "socks": (
        row("striped", "stripes", "white red", period=0.022, duty=0.5, trim="red"),
        row("polka-dot", "dots", "navy white", period=0.024, radius=0.005, trim="mustard"),
        row("plain", "melange", "charcoal"), row("plain", "solid", "mustard", trim="teal"),
    ),
    "beanie": (
        row("ribbed", "knit", "ecru burgundy navy", trim="navy"), row("ribbed", "knit", "red", trim="white"),
        row("ribbed", "knit", "charcoal"), row("ribbed", "knit", "teal", trim="mustard"),
    ),
    "brimhat": (
        row("wide-brim", "solid", "camel", trim="chocolate"),
        row("wide-brim", "solid", "black", trim="burgundy"),
    ),
    "buckethat": (
        row("plain", "solid", "olive"),
        row("denim", "denim", "denim", "denim"),
        row("polka-dot", "dots", "pink white"),
    ),
    "glasses": (
        row("round", "solid", "black", trim="charcoal"),
        row("tortoiseshell", "solid", "brown"),
        row("retro", "solid", "red"),
    ),
    "belt": (row("smooth", "solid", "tan"), row("smooth", "solid", "black"), row("smooth", "solid", "burgundy")),
    "wellies": (row("glossy", "solid", "yellow", trim="chalk"), row("glossy", "solid", "navy", trim="red")),
    "chelsea": (row("smooth", "solid", "brown"), row("smooth", "solid", "black")),
    "plimsolls": (
        row("classic", "solid", "red"), row("classic", "solid", "navy"), row("classic", "solid", "chalk"),
        row("classic", "solid", "black"),
    ),
}  # fmt: skip
