"""Cuts: one sewing pattern, cloth and set of details each; a cut is simulated once and dyed many times."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Cloth:
    """Material of a simulation, in Blender's cloth units."""

    bending: float = 0.3
    mass: float = 0.05
    tension: float = 20.0
    pressure: float = 0.0
    air: float = 1.5
    quality: int = 5
    friction: float = 8.0


@dataclass(frozen=True)
class Cut:
    """How a garment is cut, draped and finished; lengths in metres, angles in degrees.

    ``hung`` garments hang from shoulders or waist as on an invisible body, the others lie flat. ``squeeze`` is the
    range of the start's compression and ``warp`` its waviness: both become wrinkles. ``face_down`` shows the back.
    """

    id: str
    category: str
    outline: str
    size: dict[str, float | str] = field(default_factory=dict)
    trims: tuple[str, ...] = ()
    patches: str = ""
    extra: str = ""
    cloth: Cloth = Cloth()
    hung: bool = False
    pleats: int = 0
    flare: float = 0.22
    wrap_below: float = 0.0
    waist_y: float = 0.0
    arms: tuple[float, float] | None = None
    legs: tuple[float, float] | None = None
    squeeze: tuple[float, float] = (0.93, 0.97)
    warp: float = 0.016
    frames: int = 40
    mesh: float = 0.015
    face_down: bool = False
    thickness: float = 0.0018
    bump: float = 0.3
    roughness: float = 0.85
    sheen: float = 0.15

    def drape_key(self) -> tuple[object, ...]:
        """Everything that changes the simulated shape."""
        return (
            self.outline, sorted(self.size.items()), self.cloth, self.hung, self.pleats, self.flare, self.wrap_below,
            self.waist_y, self.arms, self.squeeze, self.warp, self.frames, self.mesh, self.face_down,
            self.legs,
        )  # fmt: skip


_HUNG = Cloth(bending=0.4, tension=40, air=4, quality=6)
_KNIT = Cloth(bending=2.0, mass=0.08)
_COAT = Cloth(bending=2.2, mass=0.08)
_SHIRT: dict[str, float | str] = {
    "half_width": 0.27, "hem": 0.265, "length": 0.74, "sleeve": 0.56, "cuff": 0.115, "angle": 50,
    "neck_depth": 0.09, "neck": 0.075, "arm": 0.23, "back_neck": "stand",
}  # fmt: skip
_SWEATER: dict[str, float | str] = {
    "half_width": 0.265, "hem": 0.24, "length": 0.66, "sleeve": 0.58, "cuff": 0.10, "angle": 48,
    "neck_depth": 0.085, "neck": 0.095, "arm": 0.23,
}  # fmt: skip
_DRESS: dict[str, float | str] = {
    "half_width": 0.215, "hem": 0.44, "length": 1.0, "sleeve": 0.0, "shoulder": 0.16, "neck": 0.10,
    "neck_depth": 0.13, "arm": 0.19, "waist": 0.20,
}  # fmt: skip

_ALL = (
    Cut("tee", "t-shirt", "top", {"angle": 38, "sleeve": 0.20, "cuff": 0.19},
        ("neckband", "stitched_ends", "sleeve_seams")),
    Cut("teev", "t-shirt", "top", {"half_width": 0.225, "hem": 0.23, "waist": 0.20, "length": 0.63, "angle": 42,
        "sleeve": 0.14, "cuff": 0.165, "shoulder": 0.185, "neck": 0.09, "neck_depth": 0.17, "neck_shape": "v",
        "arm": 0.19}, ("binding", "stitched_ends", "sleeve_seams"), squeeze=(0.92, 0.96), warp=0.02),
    Cut("polo", "polo", "top", {"angle": 40, "sleeve": 0.21, "cuff": 0.18, "neck": 0.08, "neck_depth": 0.085,
        "back_neck": "stand"}, ("rib_cuffs", "stitched_ends", "sleeve_seams"), "polo", bump=0.35),
    Cut("shirt", "shirt", "top", _SHIRT, ("stitched_ends", "shirt_cuffs", "sleeve_seams"), "shirt", arms=(-16, -20)),
    Cut("campshirt", "shirt", "top", {**_SHIRT, "sleeve": 0.24, "cuff": 0.20, "angle": 38, "length": 0.70},
        ("stitched_ends", "sleeve_seams"), "shirt", arms=(-8, -14)),
    Cut("blouse", "blouse", "top", {"half_width": 0.24, "hem": 0.27, "waist": 0.235, "length": 0.62, "angle": 46,
        "sleeve": 0.46, "cuff": 0.14, "shoulder": 0.19, "neck": 0.10, "neck_depth": 0.12, "arm": 0.22},
        ("ruffle_neck", "stitched_ends", "sleeve_seams", "shirt_cuffs"), cloth=Cloth(bending=0.15),
        squeeze=(0.91, 0.95), warp=0.024),
    Cut("longsleeve", "top", "top", {"half_width": 0.225, "hem": 0.225, "waist": 0.205, "length": 0.64, "angle": 52,
        "sleeve": 0.56, "cuff": 0.085, "shoulder": 0.185, "neck": 0.10, "neck_depth": 0.10, "arm": 0.20},
        ("neckband", "stitched_ends", "sleeve_seams"), squeeze=(0.92, 0.96), warp=0.022),
    Cut("cami", "top", "top", {"half_width": 0.215, "hem": 0.235, "waist": 0.215, "length": 0.60, "sleeve": 0.0,
        "shoulder": 0.135, "neck": 0.098, "neck_depth": 0.17, "neck_back": 0.12, "arm": 0.21, "slope": 0.02,
        "neck_shape": "square"}, ("binding", "stitched_ends"), squeeze=(0.92, 0.96), warp=0.02),
    Cut("tank", "undershirt", "top", {"half_width": 0.225, "hem": 0.225, "length": 0.70, "sleeve": 0.0,
        "shoulder": 0.155, "neck": 0.105, "neck_depth": 0.17, "neck_back": 0.07, "arm": 0.24},
        ("binding", "stitched_ends"), warp=0.018),
    Cut("body", "bodysuit", "onepiece", {"leg": 0.0, "half_width": 0.205, "waist": 0.17, "hip": 0.215,
        "waist_y": 0.40, "rise": 0.30, "shoulder": 0.15, "neck": 0.10, "neck_depth": 0.15},
        ("binding", "stitched_ends"), squeeze=(0.93, 0.97)),
    Cut("cable", "sweater", "top", _SWEATER, ("wide_neckband", "rib_ends", "sleeve_seams"),
        cloth=Cloth(bending=2.5, mass=0.08), warp=0.02, thickness=0.005, bump=0.9),
    Cut("jumper", "sweater", "top", {**_SWEATER, "half_width": 0.25, "hem": 0.235, "angle": 54, "length": 0.62},
        ("wide_neckband", "rib_ends", "sleeve_seams"), cloth=_KNIT, warp=0.02, thickness=0.004, bump=0.6),
    Cut("sweatshirt", "sweatshirt", "top", {**_SWEATER, "half_width": 0.275, "hem": 0.25, "cuff": 0.105},
        ("wide_neckband", "rib_ends", "sleeve_seams"), cloth=Cloth(bending=1.0, mass=0.07), warp=0.026,
        squeeze=(0.92, 0.96), thickness=0.0035),
    Cut("hoodie", "hoodie", "top", {"half_width": 0.285, "hem": 0.26, "length": 0.68, "sleeve": 0.58, "cuff": 0.11,
        "angle": 50, "neck_depth": 0.085, "neck": 0.095, "arm": 0.24, "back_neck": "hood"},
        ("neckband", "rib_ends", "sleeve_seams", "kangaroo"), "strings", cloth=Cloth(bending=1.2, mass=0.07),
        warp=0.026, thickness=0.004),
    Cut("cardigan", "cardigan", "top", {**_SWEATER, "neck_shape": "v", "neck_depth": 0.27, "neck": 0.08,
        "neck_back": 0.015}, ("button_bands", "rib_ends", "sleeve_seams"), "cardigan", cloth=_KNIT, warp=0.02,
        thickness=0.004, bump=0.6),
    Cut("vest", "vest", "top", {"half_width": 0.24, "hem": 0.225, "length": 0.60, "sleeve": 0.0, "shoulder": 0.175,
        "neck": 0.085, "neck_depth": 0.24, "neck_shape": "v", "neck_back": 0.015, "arm": 0.25},
        ("wide_neckband", "arm_ribs", "rib_ends"), cloth=_KNIT, warp=0.018, thickness=0.004, bump=0.6),
    Cut("waistcoat", "vest", "top", {"half_width": 0.235, "hem": 0.225, "waist": 0.205, "length": 0.60,
        "sleeve": 0.0, "shoulder": 0.165, "neck": 0.08, "neck_depth": 0.27, "neck_shape": "v", "neck_back": 0.01,
        "arm": 0.24}, ("binding", "stitched_ends", "front_opening", "princess_seams"), "waistcoat",
        cloth=Cloth(bending=1.5), squeeze=(0.95, 0.98), warp=0.012, thickness=0.003),
    Cut("coat", "coat", "top", {"half_width": 0.28, "hem": 0.32, "waist": 0.27, "length": 1.02, "sleeve": 0.60,
        "cuff": 0.135, "angle": 58, "neck": 0.08, "neck_depth": 0.28, "neck_shape": "v", "neck_back": -0.01,
        "arm": 0.24}, ("stitched_ends", "sleeve_seams", "front_opening", "slant_pockets"), "coat", cloth=_COAT,
        warp=0.02, thickness=0.005, arms=(-10, -12)),
    Cut("jacket", "jacket", "top", {"half_width": 0.28, "hem": 0.255, "length": 0.64, "sleeve": 0.58, "cuff": 0.11,
        "angle": 50, "neck": 0.085, "neck_depth": 0.07, "arm": 0.24}, ("wide_neckband", "rib_ends", "sleeve_seams",
        "zip_front", "slant_pockets"), cloth=Cloth(bending=0.9, mass=0.06), squeeze=(0.92, 0.96), warp=0.024,
        thickness=0.004, roughness=0.6),
    Cut("trucker", "jacket", "top", {"half_width": 0.265, "hem": 0.235, "length": 0.60, "sleeve": 0.57,
        "cuff": 0.11, "angle": 50, "neck": 0.078, "neck_depth": 0.08, "arm": 0.24, "back_neck": "stand"},
        ("stitched_ends", "shirt_cuffs", "sleeve_seams", "princess_seams"), "trucker",
        cloth=Cloth(bending=1.0, mass=0.06), warp=0.022, thickness=0.003),
    Cut("blazer", "blazer", "top", {"half_width": 0.265, "hem": 0.27, "waist": 0.235, "length": 0.72,
        "sleeve": 0.58, "cuff": 0.125, "angle": 58, "neck": 0.08, "neck_depth": 0.34, "neck_shape": "v",
        "neck_back": -0.01, "arm": 0.23}, ("stitched_ends", "sleeve_seams", "front_opening", "princess_seams"),
        "blazer", cloth=Cloth(bending=1.8, mass=0.06), squeeze=(0.95, 0.98), warp=0.014, thickness=0.004,
        arms=(-8, -10)),
    Cut("dress", "dress", "top", _DRESS, ("binding", "stitched_ends"), cloth=_HUNG, hung=True, pleats=7, flare=0.16,
        wrap_below=-0.28, waist_y=-0.40),
    Cut("shiftdress", "dress", "top", {"half_width": 0.225, "hem": 0.30, "waist": 0.235, "length": 0.92,
        "angle": 30, "sleeve": 0.17, "cuff": 0.155, "shoulder": 0.185, "neck": 0.09, "neck_depth": 0.11, "arm": 0.20},
        ("binding", "stitched_ends", "sleeve_seams"), squeeze=(0.92, 0.96), warp=0.022),
    Cut("jumpsuit", "jumpsuit", "onepiece", {"leg_hem": 0.13}, ("binding", "stitched_ends"), extra="sash",
        squeeze=(0.92, 0.96), warp=0.022),
    Cut("skirt", "skirt", "skirt", {"length": 0.55, "hem": 0.42, "hip": 0.30}, ("waistband",), cloth=_HUNG, hung=True,
        pleats=8, flare=0.12),
    Cut("miniskirt", "skirt", "skirt", {"length": 0.42, "hem": 0.27, "hip": 0.235, "waist": 0.18}, ("waistband",),
        "skirt_buttons", cloth=Cloth(bending=0.8), warp=0.016),
    Cut("midiskirt", "skirt", "skirt", {"length": 0.78, "hem": 0.48, "hip": 0.30}, ("waistband",), cloth=_HUNG,
        hung=True, pleats=11, flare=0.11),
    Cut("jeans", "jeans", "trousers", {}, ("five_pocket", "wash"), cloth=Cloth(bending=0.5), squeeze=(0.90, 0.94),
        warp=0.026, thickness=0.0022),
    Cut("chinos", "trousers", "trousers", {"hem": 0.095, "knee": 0.12, "spread": 0.045}, ("tailored",),
        cloth=Cloth(bending=0.4), squeeze=(0.91, 0.95), warp=0.024, thickness=0.002),
    Cut("wide", "trousers", "trousers", {"hem": 0.165, "knee": 0.16, "hip": 0.26, "waist": 0.175, "spread": 0.07},
        ("tailored",), cloth=Cloth(bending=0.2), squeeze=(0.92, 0.95), warp=0.026, thickness=0.002),
    Cut("leggings", "leggings", "trousers", {"waist": 0.155, "hip": 0.195, "knee": 0.078, "hem": 0.058,
        "length": 0.94, "spread": 0.0, "rise": 0.25}, ("elastic_waist",), squeeze=(0.92, 0.96), warp=0.02),
    Cut("shorts", "shorts", "trousers", {"length": 0.50, "hem": 0.15, "spread": 0.045}, ("tailored",),
        cloth=Cloth(bending=0.6), squeeze=(0.91, 0.95), warp=0.022),
    Cut("joggers", "shorts", "trousers", {"length": 0.42, "hem": 0.16, "spread": 0.04, "waist": 0.205},
        ("elastic_waist",), "drawcord", cloth=Cloth(bending=0.4), squeeze=(0.91, 0.95), warp=0.024),
    Cut("tote", "bag", "tote", {}, ("tote_hem",), extra="handles", cloth=Cloth(bending=3), warp=0.014,
        thickness=0.003),
    Cut("scarf", "scarf", "scarf", {}, (), extra="fringe", cloth=Cloth(bending=1.2), warp=0.02, thickness=0.004),
    Cut("socks", "socks", "sock", {}, ("sock_ends",), extra="pair", cloth=Cloth(bending=0.6), squeeze=(0.95, 0.98),
        warp=0.006, mesh=0.009, thickness=0.0025, bump=0.4),
    # the later collection
    Cut("croptee", "t-shirt", "top", {"half_width": 0.245, "hem": 0.235, "length": 0.46, "angle": 36, "sleeve": 0.20,
        "cuff": 0.19, "neck_depth": 0.09}, ("neckband", "stitched_ends", "sleeve_seams")),
    Cut("boxytee", "t-shirt", "top", {"half_width": 0.30, "hem": 0.295, "length": 0.72, "shoulder": 0.265,
        "angle": 30, "sleeve": 0.20, "cuff": 0.18, "arm": 0.23, "neck_depth": 0.09}, ("neckband", "stitched_ends",
        "sleeve_seams"), cloth=Cloth(bending=0.6), warp=0.02),
    Cut("raglan", "t-shirt", "top", {"angle": 44, "sleeve": 0.38, "cuff": 0.13, "half_width": 0.245, "hem": 0.24,
        "arm": 0.23, "neck_depth": 0.09}, ("raglan", "neckband", "stitched_ends")),
    Cut("henley", "top", "top", {"half_width": 0.245, "hem": 0.24, "length": 0.69, "angle": 52, "sleeve": 0.58,
        "cuff": 0.095, "neck": 0.085, "neck_depth": 0.085, "arm": 0.22}, ("neckband", "stitched_ends",
        "sleeve_seams"), "henley", squeeze=(0.92, 0.96), warp=0.02),
    Cut("rugby", "polo", "top", {"half_width": 0.27, "hem": 0.26, "length": 0.72, "angle": 48, "sleeve": 0.57,
        "cuff": 0.105, "neck": 0.08, "neck_depth": 0.085, "back_neck": "stand", "arm": 0.23}, ("rib_cuffs",
        "stitched_ends", "sleeve_seams"), "polo", cloth=Cloth(bending=0.7), bump=0.35, warp=0.02),
    Cut("rollneck", "sweater", "top", {**_SWEATER, "half_width": 0.235, "hem": 0.225, "angle": 53, "length": 0.63,
        "neck": 0.072, "neck_shape": "high", "back_neck": "high", "neck_depth": 0.0}, ("rib_ends", "sleeve_seams",
        "rollneck"), cloth=_KNIT, warp=0.018, thickness=0.004, bump=0.6),
    Cut("slipdress", "dress", "top", {"half_width": 0.205, "hem": 0.33, "waist": 0.225, "length": 1.05, "sleeve": 0.0,
        "shoulder": 0.125, "neck": 0.098, "neck_depth": 0.16, "neck_back": 0.12, "arm": 0.20, "slope": 0.02,
        "neck_shape": "v"}, ("binding", "stitched_ends"), cloth=Cloth(bending=0.15), squeeze=(0.91, 0.95), warp=0.024,
        roughness=0.5),
    Cut("shirtdress", "dress", "top", {**_SHIRT, "half_width": 0.245, "hem": 0.31, "waist": 0.235, "length": 1.0,
        "sleeve": 0.30, "cuff": 0.16, "angle": 44}, ("stitched_ends", "shirt_cuffs", "sleeve_seams"), "shirt",
        arms=(-8, -14), warp=0.02),
    Cut("puffer", "jacket", "top", {"half_width": 0.29, "hem": 0.265, "length": 0.66, "sleeve": 0.59, "cuff": 0.12,
        "angle": 50, "neck": 0.085, "neck_depth": 0.03, "arm": 0.24, "back_neck": "stand"}, ("stitched_ends",
        "zip_front", "sleeve_seams"), cloth=Cloth(bending=2.5, mass=0.06), squeeze=(0.93, 0.97), thickness=0.012,
        bump=0.9, roughness=0.5, sheen=0.0),
    Cut("gilet", "vest", "top", {"half_width": 0.265, "hem": 0.25, "length": 0.64, "sleeve": 0.0, "shoulder": 0.19,
        "neck": 0.085, "neck_depth": 0.03, "arm": 0.24, "back_neck": "stand"}, ("binding", "stitched_ends",
        "zip_front"), cloth=Cloth(bending=2.5, mass=0.06), squeeze=(0.94, 0.97), thickness=0.012, bump=0.9,
        roughness=0.5, sheen=0.0),
    Cut("parka", "coat", "top", {"half_width": 0.29, "hem": 0.30, "waist": 0.275, "length": 0.88, "sleeve": 0.60,
        "cuff": 0.125, "angle": 54, "neck_depth": 0.07, "neck": 0.095, "arm": 0.25, "back_neck": "hood"},
        ("neckband", "stitched_ends", "shirt_cuffs", "sleeve_seams", "zip_front", "slant_pockets"), "strings",
        cloth=Cloth(bending=1.2, mass=0.07), warp=0.024, thickness=0.004, roughness=0.55, sheen=0.0),
    Cut("biker", "jacket", "top", {"half_width": 0.26, "hem": 0.24, "waist": 0.235, "length": 0.61, "sleeve": 0.59,
        "cuff": 0.11, "angle": 54, "neck": 0.085, "neck_depth": 0.06, "arm": 0.23}, ("stitched_ends", "shirt_cuffs",
        "sleeve_seams", "princess_seams", "wide_neckband", "zip_front", "slant_pockets"),
        cloth=Cloth(bending=1.2, mass=0.07), squeeze=(0.93, 0.97), thickness=0.004, roughness=0.36, sheen=0.0),
    Cut("pencil", "skirt", "skirt", {"length": 0.62, "hem": 0.205, "hip": 0.235, "waist": 0.175}, ("waistband",),
        cloth=Cloth(bending=0.6), warp=0.02),
    Cut("flares", "jeans", "trousers", {"hem": 0.15, "knee": 0.105, "spread": 0.075, "length": 1.06, "hip": 0.245,
        "waist": 0.18}, ("five_pocket", "wash"), cloth=Cloth(bending=0.5), squeeze=(0.91, 0.95), warp=0.024,
        thickness=0.0022),
    Cut("skinny", "jeans", "trousers", {"hem": 0.068, "knee": 0.09, "spread": 0.02, "length": 1.0, "hip": 0.225,
        "waist": 0.175}, ("five_pocket", "wash"), cloth=Cloth(bending=0.5), squeeze=(0.91, 0.95), warp=0.024,
        thickness=0.0022),
    Cut("sweatpants", "trousers", "trousers", {"hem": 0.085, "knee": 0.125, "spread": 0.05, "length": 0.98},
        ("elastic_waist", "rib_ends"), "drawcord", cloth=Cloth(bending=0.7), squeeze=(0.91, 0.95), warp=0.024,
        thickness=0.003),
    Cut("playsuit", "jumpsuit", "onepiece", {"leg": 0.16, "leg_hem": 0.135, "spread": 0.04, "sleeve": 0.16,
        "cuff": 0.13, "angle": 28, "shoulder": 0.18}, ("binding", "stitched_ends", "sleeve_seams"), extra="sash",
        squeeze=(0.92, 0.96), warp=0.022),
    Cut("shopper", "bag", "tote", {"width": 0.24, "length": 0.33}, ("tote_hem",), extra="handles",
        cloth=Cloth(bending=3), warp=0.014, thickness=0.003),
)  # fmt: skip
CUTS: dict[str, Cut] = {cut.id: cut for cut in _ALL}
