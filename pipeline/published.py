"""The published models that can take a slot: frozen data. Adding one is adding an entry."""

from __future__ import annotations

from dataclasses import dataclass

REMBG_RELEASES = "https://github.com/danielgatis/rembg/releases/download/v0.0.0"


@dataclass(frozen=True)
class RemoteFile:
    """One file of a published model.

    path: name in the model's folder, and in its repository. size: bytes, as rounded as the source tells them.
    digest: sha256 in hex; empty: pinned by the revision alone. url: where it is, unless in the repository.
    optional: the model works without it.
    """

    path: str
    size: int = 0
    digest: str = ""
    url: str = ""
    optional: bool = False


@dataclass(frozen=True)
class Published:
    """A published model.

    slot: cutout, pieces or embeddings. form: how it is read, see `cutout.py`, `pieces.py` and `embeddings.py`.
    repository, revision: on the Hugging Face hub, where it comes from there.
    """

    slot: str
    name: str
    about: str
    licence: str
    form: str
    files: tuple[RemoteFile, ...]
    repository: str = ""
    revision: str = ""
    dimension: int | None = None

    @property
    def size(self) -> int:
        """Bytes of all files together, about."""
        return sum(file.size for file in self.files)

    @property
    def weights(self) -> RemoteFile:
        """The file that makes the model what it is."""
        return next(file for file in self.files if file.path.endswith((".onnx", ".pt", ".safetensors")))

    @property
    def pickled(self) -> bool:
        """Whether opening it runs code that came with it."""
        return any(file.path.endswith(".pt") for file in self.files)


def _rembg(name: str, file: str, size: int, sha256: str, licence: str, about: str) -> Published:
    remote = RemoteFile(file, size, sha256, f"{REMBG_RELEASES}/{file}")
    return Published("cutout", name, about, licence, name, (remote,))


PUBLISHED: tuple[Published, ...] = (
    _rembg(
        "u2net", "u2net.onnx", 175_997_641, "8d10d2f3bb75ae3b6d527c77944fc5e7dcd94b29809d47a739a7a728a912b491",
        "Apache-2.0", "U²-Net, 320 px: anything salient",
    ),
    _rembg(
        "u2netp", "u2netp.onnx", 4_574_861, "309c8469258dda742793dce0ebea8e6dd393174f89934733ecc8b14c76f4ddd8",
        "Apache-2.0", "U²-Net's small sister",
    ),
    _rembg(
        "isnet-general-use", "isnet-general-use.onnx", 178_648_008,
        "60920e99c45464f2ba57bee2ad08c919a52bbf852739e96947fbb4358c0d964a", "Apache-2.0", "IS-Net, 1024 px: finer",
    ),
    _rembg(
        "birefnet-general-lite", "BiRefNet-general-bb_swin_v1_tiny-epoch_232.onnx", 224_005_088,
        "5600024376f572a557870a5eb0afb1e5961636bef4e1e22132025467d0f03333", "MIT", "BiRefNet, 1024 px: finest, slowest",
    ),
    Published(
        "pieces", "deepfashion2-yolov8s", "YOLOv8s-seg on DeepFashion2's 13 classes", "Apache-2.0, data for research",
        "yolo",
        (RemoteFile("deepfashion2_yolov8s-seg.pt", 23_852_321,
                    "c319c15e86443ea61f70b40620909d737c47ff2a39381536503ac5c54772f8ac"),),
        "Bingsu/adetailer", "53cc19de382014514d9d4038601d261a7faa9b7b",
    ),
    Published(
        "embeddings", "fashionclip", "Marqo-FashionCLIP, ViT-B/16", "Apache-2.0", "open_clip",
        (RemoteFile("open_clip_config.json", 532),
         RemoteFile("open_clip_model.safetensors", 599_000_000,
                    "2bd31a2e6ba195c4890941f61ea6ada9dbf242f9c6e5ee27eec8cf13a2dc9ffe")),
        "Marqo/marqo-fashionCLIP", "44f4c655124ed71e90cbf528d82f508d69d8a81b", 512,
    ),
    Published(
        "embeddings", "fashionsiglip", "Marqo-FashionSigLIP, ViT-B/16", "Apache-2.0", "open_clip",
        (RemoteFile("open_clip_config.json", 881),
         RemoteFile("open_clip_model.safetensors", 813_000_000,
                    "88908200434959fa3154ef79d408aac33341e8797fe5ca8ca6f0463aab32e6b3"),
         RemoteFile("tokenizer.json", 2_420_000), RemoteFile("special_tokens_map.json", 2_530)),
        "Marqo/marqo-fashionSigLIP", "e5619578fd528afa0bf88d8fae37748336a57fa2", 768,
    ),
    Published(
        "embeddings", "fashionclip-2.0", "FashionCLIP 2.0, ViT-B/32", "MIT", "huggingface",
        (RemoteFile("config.json", 4_460),
         RemoteFile("model.safetensors", 605_000_000,
                    "4977e3a54929eccf065ce449aeaf296f0e5cb6b28e8798c3c97d67cb2f6dafc9"),
         RemoteFile("preprocessor_config.json", 316)),
        "patrickjohncyh/fashion-clip", "99249150d107f68776ef81e86cba0a9124ee4d91", 512,
    ),
)  # fmt: skip
# What `FASHION_MODELS=hub` puts into a slot; no published segmenter comes without a pickle.
HUB_CHOICE = {"cutout": "isnet-general-use", "embeddings": "fashionclip"}
# What `auto` takes when it is on this machine already.
PREFERRED = "fashionclip"
HUB_PREFIX = "hf-hub:"


def published(name: str) -> Published | None:
    """The entry of that name, or of that repository on the hub, with or without `hf-hub:`."""
    wanted = name.removeprefix(HUB_PREFIX).lower()
    return next((p for p in PUBLISHED if wanted in (p.name, p.repository.lower())), None)


def from_hub(name: str) -> Published | None:
    """What `hf-hub:OWNER/REPOSITORY[@REVISION]` or `hf-hub:OWNER/REPOSITORY/FILE[@REVISION]` stands for.

    Without a file it is an embedder, in open_clip's form or, if the repository has no open_clip configuration, in
    that of Hugging Face's CLIPModel. Nothing of it is pinned but the revision; the first fetch records what came.
    """
    if not name.startswith(HUB_PREFIX):
        return None
    place, _, revision = name.removeprefix(HUB_PREFIX).partition("@")
    owner, _, rest = place.partition("/")
    repository, _, file = rest.partition("/")
    if not owner or not repository:
        return None
    if file:
        slot, form = ("pieces", "yolo") if file.endswith(".pt") else ("", "onnx")
        files: tuple[RemoteFile, ...] = (RemoteFile(file),)
    else:
        slot, form, files = "embeddings", "", ()
    return Published(
        slot, name, "from the hub, not pinned here", "see its page", form, files, f"{owner}/{repository}", revision
    )


# The files of a repository that is not listed above, by form, in the order in which the forms are tried.
FORMS: dict[str, tuple[RemoteFile, ...]] = {
    "open_clip": (
        RemoteFile("open_clip_config.json"), RemoteFile("open_clip_model.safetensors"),
        RemoteFile("tokenizer.json", optional=True), RemoteFile("special_tokens_map.json", optional=True),
    ),
    "huggingface": (
        RemoteFile("config.json"), RemoteFile("model.safetensors"),
        RemoteFile("preprocessor_config.json", optional=True),
    ),
}  # fmt: skip
