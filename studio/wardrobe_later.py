"""The later collection: further dyes of the first cuts, and cuts that came with it.

A table of its own, because seeds and prices are drawn in the order of the rows: the first collection must not shift.
"""

from __future__ import annotations

from studio.wardrobe import Goods, Row, row

LATER_GOODS: dict[str, Goods] = {
    "croptee": Goods("cropped tee", "cotton", 17), "boxytee": Goods("oversized tee", "cotton", 26),
    "raglan": Goods("baseball tee", "cotton", 24), "henley": Goods("henley top", "jersey", 28),
    "rugby": Goods("rugby shirt", "cotton", 48), "rollneck": Goods("roll-neck sweater", "merino", 62),
    "slipdress": Goods("slip dress", "satin", 58), "shirtdress": Goods("shirt dress", "cotton", 62),
    "puffer": Goods("puffer jacket", "nylon", 95), "gilet": Goods("quilted gilet", "nylon", 65),
    "parka": Goods("hooded parka", "cotton", 120), "biker": Goods("biker jacket", "leather", 190),
    "pencil": Goods("pencil skirt", "wool", 44), "flares": Goods("flared jeans", "denim", 64),
    "skinny": Goods("skinny jeans", "denim", 55), "sweatpants": Goods("sweatpants", "fleece", 34),
    "playsuit": Goods("playsuit", "viscose", 46), "shopper": Goods("shopper", "canvas", 28),
}  # fmt: skip
LATER_ROWS: dict[str, tuple[Row, ...]] = {
    "tee": (
        row("sunset-print", "graphic", "white orange navy", motif="sun"),
        row("mountain-print", "graphic", "forest mint white", motif="peaks"),
        row("pinstripe", "stripes", "sky navy", period=0.014, duty=0.25, trim="navy"),
        row("colour-block", "blocks", "mustard white teal", at=(-0.24, -0.42), trim="mustard"),
        row("camouflage", "camouflage", "khaki moss stone bark", trim="moss"),
    ),
    "teev": (row("fitted", "solid", "fuchsia"), row("leopard-print", "leopard", "sand black brown", trim="black")),
    "polo": (
        row("colour-block", "blocks", "red navy white", "pique", at=(-0.28, -0.38), trim="red"),
        row("fine-stripe", "stripes", "mint white", period=0.016, trim="white"), row("classic", "solid", "lilac"),
    ),
    "shirt": (
        row("denim", "denim", "denim", "denim", thread="camel", button="white"),
        row("tartan", "plaid", "navy forest red", "flannel", period=0.10),
        row("bold-stripe", "stripes", "white teal", period=0.06, duty=0.5, vertical=True),
        row("brushed", "solid", "rust", "flannel", button="chocolate"),
    ),
    "campshirt": (
        row("leopard-print", "leopard", "mustard black rust", button="black"),
        row("brush-print", "strokes", "ecru petrol coral mustard"), row("gingham", "gingham", "white green", "cotton"),
        row("striped", "stripes", "coral white", period=0.045, duty=0.4, vertical=True),
    ),
    "blouse": (
        row("brush-print", "strokes", "navy sky white"), row("gathered", "solid", "mustard"),
        row("leopard-print", "leopard", "beige black brown"),
    ),
    "longsleeve": (row("ribbed", "rib", "teal"), row("fine-stripe", "stripes", "white red", period=0.018)),
    "cami": (row("glossy", "solid", "fuchsia"), row("polka-dot", "dots", "black white", period=0.026, radius=0.005)),
    "jumper": (
        row("soft", "knit", "mint"), row("block-stripe", "striped_knit", "ecru teal", period=0.14, trim="ecru"),
        row("fair-isle", "knit", "burgundy mustard ecru", trim="burgundy"),
    ),
    "sweatshirt": (
        row("mountain-print", "graphic", "charcoal sky white", motif="peaks"), row("classic", "solid", "coral"),
        row("colour-block", "blocks", "ecru mustard forest", at=(-0.30, -0.42), trim="forest"),
    ),
    "hoodie": (
        row("colour-block", "blocks", "lilac white navy", at=(-0.22, -0.36), trim="lilac"),
        row("classic", "solid", "forest"), row("classic", "solid", "blush"),
    ),
    "cardigan": (
        row("block-stripe", "striped_knit", "ecru rust", button="brown", trim="rust"),
        row("soft", "knit", "lilac", button="white"),
    ),
    "vest": (row("soft", "knit", "mustard"), row("block-stripe", "striped_knit", "navy sky", trim="navy")),
    "trucker": (
        row("bleached", "denim", "sky", thread="camel", button="camel"),
        row("camouflage", "camouflage", "khaki moss stone bark", "cotton", button="bark"),
    ),
    "dress": (
        row("leopard-print", "leopard", "sand black brown", trim="black"),
        row("brush-print", "strokes", "white fuchsia orange teal"), row("plain", "solid", "lilac"),
        row("striped", "stripes", "navy white", "jersey", period=0.03),
    ),
    "shiftdress": (
        row("colour-block", "blocks", "black white red", at=(-0.30, -0.56), trim="black"),
        row("gingham", "gingham", "white red", trim="red"),
    ),
    "skirt": (row("gingham", "gingham", "white navy", "cotton"), row("floral", "floral", "mint red white", "cotton")),
    "miniskirt": (
        row("camouflage", "camouflage", "khaki moss stone bark", button="bark"),
        row("cord", "corduroy", "burgundy", button="brown"),
    ),
    "wide": (row("pinstripe", "stripes", "navy white", "wool", period=0.03, duty=0.1, vertical=True),),
    "shorts": (row("gingham", "gingham", "white blue"), row("floral", "floral", "petrol coral ecru", size=0.03)),
    "scarf": (
        row("striped", "stripes", "navy white", period=0.05, duty=0.5),
        row("leopard-print", "leopard", "sand black brown", "viscose"),
    ),
    "tote": (
        row("sunset-print", "graphic", "ecru coral navy", motif="sun", at=-0.21, size=0.13, trim="ecru"),
        row("gingham", "gingham", "white green", trim="green"),
    ),
    "buckethat": (
        row("camouflage", "camouflage", "khaki moss stone bark"), row("leopard-print", "leopard", "sand black brown"),
    ),
    "croptee": (
        row("plain", "solid", "coral"), row("striped", "stripes", "white forest", period=0.026, duty=0.45),
        row("ring-print", "graphic", "lilac purple white", motif="rings", at=-0.22, size=0.11),
    ),
    "boxytee": (
        row("bolt-print", "graphic", "black yellow white", motif="bolt", at=-0.28, size=0.14),
        row("plain", "solid", "stone"), row("wide-stripe", "stripes", "navy ecru", period=0.12, duty=0.5),
    ),
    "raglan": (
        row("two-tone", "blocks", "white navy", at=(-9.0,), trim="navy"),
        row("two-tone", "blocks", "grey black", at=(-9.0,), trim="black"),
        row("two-tone", "blocks", "ecru red", at=(-9.0,), trim="red"),
    ),
    "henley": (
        row("waffle", "rib", "ecru", period=0.007), row("classic", "solid", "indigo"),
        row("heathered", "melange", "olive"),
    ),
    "rugby": (
        row("wide-stripe", "stripes", "forest yellow", period=0.16, duty=0.5, trim="white"),
        row("wide-stripe", "stripes", "navy burgundy", period=0.16, duty=0.5, trim="white"),
    ),
    "rollneck": (
        row("fine", "rib", "black", period=0.007), row("soft", "knit", "camel"),
        row("cable-knit", "cable", "light_grey"),
    ),
    "slipdress": (
        row("silky", "solid", "forest"), row("silky", "solid", "blush"),
        row("floral", "floral", "black coral white", "viscose"),
    ),
    "shirtdress": (
        row("striped", "stripes", "white blue", period=0.03, duty=0.4, vertical=True), row("plain", "solid", "khaki"),
        row("denim", "denim", "sky", "denim", thread="camel", button="camel"),
    ),
    "puffer": (
        row("glossy", "quilted", "red", trim="charcoal"), row("matte", "quilted", "black"),
        row("matte", "quilted", "mustard", trim="black"),
    ),
    "gilet": (
        row("light", "quilted", "navy"), row("light", "quilted", "olive", trim="brown"),
        row("light", "quilted", "coral", trim="navy"),
    ),
    "parka": (
        row("waterproof", "solid", "yellow", "rubberised cotton", button="white"),
        row("field", "solid", "olive", button="camel"), row("waterproof", "solid", "navy"),
    ),
    "biker": (
        row("grained", "leather", "black"), row("grained", "leather", "brown"), row("grained", "leather", "burgundy"),
    ),
    "pencil": (
        row("tailored", "solid", "black"), row("checked", "plaid", "grey charcoal white", period=0.06),
        row("leopard-print", "leopard", "sand black brown", "viscose", trim="black"),
    ),
    "flares": (row("raw", "denim", "navy", thread="camel"), row("bleached", "denim", "sky", thread="sand")),
    "skinny": (
        row("washed", "denim", "charcoal", thread="grey"), row("mid-wash", "denim", "denim", thread="camel"),
        row("coloured", "denim", "burgundy", thread="burgundy"),
    ),
    "sweatpants": (
        row("heathered", "melange", "grey"), row("classic", "solid", "navy"),
        row("camouflage", "camouflage", "khaki moss stone bark", trim="moss"),
    ),
    "playsuit": (
        row("tropical floral", "floral", "teal pink yellow", size=0.03, trim="teal"),
        row("polka-dot", "dots", "red white", trim="red"),
    ),
    "shopper": (
        row("block-stripe", "stripes", "ecru navy", period=0.22, duty=0.45, trim="tan"),
        row("smooth", "leather", "tan", "leather"), row("smooth", "leather", "black", "leather"),
    ),
}  # fmt: skip
