"""The real loaders on small random weights in exactly the layouts that the published models have."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pipeline.calibration import Calibration
from pipeline.cutout import BackgroundRemover
from pipeline.embeddings import Embedder
from pipeline.errors import ModelMissing, UsageError
from pipeline.kinds import KINDS
from pipeline.pieces import PieceFinder
from pipeline.types import Cutout, Photo
from pipeline.yolo import DEEPFASHION2, kinds_of

pytestmark = pytest.mark.slow
TEXTS = ["a navy striped top", "Red Dress!", "a"]
VISION = {"image_size": 32, "layers": 2, "width": 64, "patch_size": 16, "head_width": 32}
OPENAI = {"mean": [0.48145466, 0.4578275, 0.40821073], "std": [0.26862954, 0.26130258, 0.27577711]}


@pytest.fixture
def crops() -> list[np.ndarray]:
    rng = np.random.default_rng(0)
    return [rng.integers(0, 256, (size, size, 3), np.uint8) for size in (40, 97, 64)]


def write_open_clip(folder: Path, config: dict) -> Path:
    """A folder as open_clip's `push_to_hf_hub` leaves it, with random weights."""
    import open_clip
    import torch
    from safetensors.torch import save_file

    torch.manual_seed(0)
    folder.mkdir(parents=True)
    (folder / "open_clip_config.json").write_text(json.dumps(config))
    kind = open_clip.model.CustomTextCLIP if config["model_cfg"].get("custom_text") else open_clip.model.CLIP
    model = kind(**{name: value for name, value in config["model_cfg"].items() if name != "custom_text"})
    save_file(model.state_dict(), folder / "open_clip_model.safetensors")
    return folder


def marqo_fashionclip(folder: Path) -> Path:
    text = {"context_length": 77, "vocab_size": 49408, "width": 32, "heads": 2, "layers": 2}
    preparation = {**OPENAI, "interpolation": "bicubic", "resize_mode": "shortest"}
    model = {"embed_dim": 24, "vision_cfg": VISION, "text_cfg": text}
    return write_open_clip(folder, {"model_cfg": model, "preprocess_cfg": preparation})


def marqo_fashionsiglip(folder: Path) -> Path:
    """A tower of timm's, a text tower of its own, and a sentence-piece vocabulary as tokenizer.json."""
    from tokenizers import Tokenizer, decoders, normalizers, pre_tokenizers, processors
    from tokenizers.models import Unigram

    pieces = [
        ("<pad>", 0.0),
        ("</s>", 0.0),
        ("<unk>", 0.0),
        ("▁", -2.0),
        ("▁red", -3.0),
        ("▁a", -2.5),
        ("▁dress", -4.0),
    ]
    pieces += [(letter, -6.0) for letter in "abcdefghijklmnopqrstuvwxyz!"]
    config = {
        "model_cfg": {
            "embed_dim": 64, "init_logit_bias": -10, "custom_text": True,
            "vision_cfg": {"image_size": 160, "timm_model_name": "test_vit", "timm_model_pretrained": False,
                           "timm_pool": "avg", "timm_proj": "none"},
            "text_cfg": {"context_length": 64, "vocab_size": len(pieces), "hf_tokenizer_name": "timm/ViT-B-16-SigLIP",
                         "tokenizer_kwargs": {"clean": "canonicalize"}, "width": 64, "heads": 2, "layers": 2,
                         "no_causal_mask": True, "proj_bias": True, "pool_type": "last",
                         "norm_kwargs": {"eps": 1e-6}},
        },
        "preprocess_cfg": {"mean": [0.5] * 3, "std": [0.5] * 3, "interpolation": "bicubic", "resize_mode": "squash"},
    }  # fmt: skip
    write_open_clip(folder, config)
    tokenizer = Tokenizer(Unigram(pieces, unk_id=2))
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    tokenizer.decoder = decoders.Metaspace()
    tokenizer.post_processor = processors.TemplateProcessing("$A </s>", special_tokens=[("</s>", 1)])
    tokenizer.save(str(folder / "tokenizer.json"))
    special = {"eos_token": {"content": "</s>"}, "pad_token": {"content": "</s>"}, "unk_token": {"content": "<unk>"}}
    (folder / "special_tokens_map.json").write_text(json.dumps(special))
    facts = {"tokenizer_class": "PreTrainedTokenizerFast", "pad_token": "</s>", "eos_token": "</s>"}
    (folder / "tokenizer_config.json").write_text(json.dumps(facts))
    return folder


@pytest.mark.parametrize("write", [marqo_fashionclip, marqo_fashionsiglip], ids=lambda w: w.__name__)
def test_open_clips_layout_is_embedded_as_open_clip_does(tmp_path, crops, write):
    import open_clip
    import torch

    folder = write(tmp_path / "model")
    embed = Embedder(folder, "tiny@1", threads=1)
    model, _, prepare = open_clip.create_model_and_transforms(f"local-dir:{folder}")
    tokens = open_clip.get_tokenizer(f"local-dir:{folder}")(TEXTS)
    with torch.inference_mode():
        pictures = torch.stack([prepare(Image.fromarray(crop)) for crop in crops])
        expected = model.eval().encode_image(pictures, normalize=True).numpy()
        words = model.encode_text(tokens, normalize=True).numpy()
    assert embed.dimension == expected.shape[1]
    assert np.abs(embed.embed_pictures(crops) - expected).max() < 1e-5
    assert np.abs(embed.embed_words(TEXTS) - words).max() < 1e-5
    assert embed.embed_words([]).shape == (0, embed.dimension) == embed.embed_pictures([]).shape


@pytest.mark.parametrize("activation", ["quick_gelu", "gelu"])
def test_hugging_faces_layout_is_embedded_as_transformers_does(tmp_path, crops, activation):
    """patrickjohncyh/fashion-clip's form: config.json and model.safetensors of a CLIPModel."""
    import torch
    from open_clip.tokenizer import SimpleTokenizer
    from transformers import CLIPConfig, CLIPModel

    torch.manual_seed(0)
    sides = {"num_hidden_layers": 2, "num_attention_heads": 2, "hidden_act": activation}
    text = {"hidden_size": 32, "intermediate_size": 96, "eos_token_id": 2, "bos_token_id": 0, **sides}
    vision = {"hidden_size": 64, "intermediate_size": 128, "image_size": 32, "patch_size": 16, **sides}
    theirs = CLIPModel(CLIPConfig(projection_dim=24, text_config=text, vision_config=vision)).eval()
    with torch.no_grad():
        # Fresh weights leave all that is added at zero: a mapping that mixed it up would pass.
        for weights in theirs.parameters():
            weights.add_(torch.randn_like(weights) * 0.1)
    theirs.save_pretrained(tmp_path / "clip", safe_serialization=True)
    embed = Embedder(tmp_path / "clip", "tiny@1", threads=1)
    pictures = torch.stack([embed._prepare(Image.fromarray(crop)) for crop in crops])
    tokens = SimpleTokenizer()(TEXTS)
    with torch.inference_mode():
        seen = theirs.visual_projection(theirs.vision_model(pictures).pooler_output)
        read = theirs.text_projection(theirs.text_model(tokens).pooler_output)
    for ours, others in ((embed.embed_pictures(crops), seen), (embed.embed_words(TEXTS), read)):
        assert np.abs(ours - (others / others.norm(dim=-1, keepdim=True)).numpy()).max() < 1e-5


def test_a_folder_of_another_form_is_one_sentence(tmp_path, crops):
    folder = marqo_fashionclip(tmp_path / "model")
    assert Embedder(folder, "x", 1).likeness(0.5) is None and Embedder(folder, "x", 1).none_below == -1
    (folder / "open_clip_model.safetensors").write_bytes(b"nothing")
    for broken in (folder, tmp_path):
        with pytest.raises(ModelMissing, match="cannot be loaded: it is incomplete, or of a form"):
            Embedder(broken, "x", 1)


def write_net(path: Path, side: int) -> Path:
    """An ONNX file of u2net's signature: one picture in, seven maps out; each map is red plus twice green."""
    import onnx
    from onnx import TensorProto, helper

    def tensor(name: str, channels: int) -> onnx.ValueInfoProto:
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, channels, side, side])

    outputs = [str(1959 + n) for n in range(7)]
    weights = helper.make_tensor("weights", TensorProto.FLOAT, [1, 3, 1, 1], [1.0, 2.0, 0.0])
    nodes = [helper.make_node("Conv", ["input.1", "weights"], [name]) for name in outputs]
    graph = helper.make_graph(nodes, "net", [tensor("input.1", 3)], [tensor(n, 1) for n in outputs], [weights])
    onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8), path)
    return path


IMAGENET = ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))


@pytest.mark.parametrize(
    ("form", "side", "mean_std"),
    [
        ("u2net", 320, IMAGENET),
        ("u2netp", 320, IMAGENET),
        ("isnet-general-use", 1024, ((0.5,) * 3, (1.0,) * 3)),
        ("birefnet-general-lite", 1024, IMAGENET),
        ("u2net_custom", 320, IMAGENET),
    ],
)
def test_each_cutout_model_gets_its_own_session_of_rembgs(tmp_path, form, side, mean_std):
    net = write_net(tmp_path / "net.onnx", side)
    # Two channels that rise against each other: what the map shows depends on how each was normalised.
    rows, columns = np.mgrid[0:240, 0:300]
    pixels = np.stack([columns * 200 // 299, 250 - rows * 250 // 239, rows * 0], -1).astype(np.uint8)
    alpha = BackgroundRemover(net, "net@1", 1, form)(Photo(pixels)).alpha
    (mean, std), values = mean_std, pixels / pixels.max()
    answer = sum(weight * (values[..., n] - mean[n]) / std[n] for n, weight in enumerate((1, 2)))
    if form.startswith("birefnet"):
        answer = 1 / (1 + np.exp(-answer))
    expected = 255 * (answer - answer.min()) / (answer.max() - answer.min())
    assert np.abs(alpha - expected).max() < 4


def test_a_cutout_model_that_is_none_is_one_sentence(tmp_path):
    (tmp_path / "net.onnx").write_bytes(b"not a model")
    with pytest.raises(ModelMissing, match="“net.onnx” cannot be loaded"):
        BackgroundRemover(tmp_path / "net.onnx", "net@1", 1, "u2net")


@pytest.fixture(scope="module")
def yolo(tmp_path_factory) -> Path:
    """DeepFashion2 weights of ultralytics', random: deepfashion2.pt, and the same as .onnx."""
    import torch
    from ultralytics import YOLO

    torch.manual_seed(0)
    folder = tmp_path_factory.mktemp("yolo")
    names = [name for name in DEEPFASHION2 if "shirt" not in name and "sleeved" not in name]
    model = YOLO("yolov8n-seg.yaml", task="segment")
    sized = type(model.model)({**model.model.yaml, "nc": len(names)}, verbose=False)
    sized.args, sized.task, sized.names = {**model.model.args, "imgsz": 96}, "segment", dict(enumerate(names))
    # As a trained checkpoint has it: the size is read from there.
    model.model, model.ckpt = sized, {"train_args": {"imgsz": 96}}
    model.save(str(folder / "deepfashion2.pt"))
    YOLO(str(folder / "deepfashion2.pt")).export(format="onnx", imgsz=96, simplify=False, verbose=False)
    return folder


def find(weights: Path, **options: bool) -> set[str]:
    """The labels that weights find in noise, with no confidence to speak of."""
    rng = np.random.default_rng(0)
    pixels = rng.integers(0, 256, (96, 96, 3), np.uint8)
    finder = PieceFinder(weights, "yolo@1", 1, **options)
    return {piece.label for piece in finder(Cutout(Photo(pixels), np.full((96, 96), 255, np.uint8)), 1e-6)}


def test_deepfashion2_weights_find_our_kinds(yolo):
    found = find(yolo / "deepfashion2.onnx")
    assert found and found <= {"top", "outerwear", "shorts", "trousers", "skirt", "dress"}


def test_a_pickle_is_opened_only_on_request(yolo, caplog):
    with pytest.raises(ModelMissing, match="is a pickle: opening it can run any code"):
        find(yolo / "deepfashion2.pt")
    found = find(yolo / "deepfashion2.pt", allow_pickle=True)
    assert found and found <= set(KINDS)
    assert "opening it runs whatever code it brings" in caplog.text


def test_weights_that_are_none_are_one_sentence(yolo, tmp_path):
    for name in ("none.onnx", "none.pt"):
        (tmp_path / name).write_bytes(b"nothing")
        with pytest.raises(ModelMissing, match=f"“{name}” cannot be loaded"):
            find(tmp_path / name, allow_pickle=True)


def test_weights_that_draw_boxes_only_are_one_sentence(tmp_path):
    from ultralytics import YOLO

    YOLO("yolov8n.yaml").save(str(tmp_path / "boxes.pt"))
    with pytest.raises(ModelMissing, match="made for another task"):
        find(tmp_path / "boxes.pt", allow_pickle=True)


def test_classes_become_kinds_by_both_spellings_and_by_a_file(tmp_path):
    weights = tmp_path / "w.onnx"
    spelled = {0: "short_sleeved_shirt", 1: "Long Sleeve Outwear", 2: "vest", 3: "vest_dress"}
    assert kinds_of(weights, spelled) == {0: "top", 1: "outerwear", 2: "top", 3: "dress"}
    # Beside other classes a vest is ours, which is worn over something.
    assert kinds_of(weights, {0: "vest", 1: "t-shirt", 2: "person"}) == {0: "outerwear", 1: "top"}
    with pytest.raises(ModelMissing, match="finds person, car, …, none of which is known"):
        kinds_of(weights, {0: "person", 1: "car"})
    (tmp_path / "w.toml").write_text('"Upper Clothes" = "top"\nhandbag = "bag"\n')
    assert kinds_of(weights, {0: "person", 1: "upper_clothes", 2: "handbag"}) == {1: "top", 2: "bag"}
    (tmp_path / "w.json").write_text('{"person": "man"}')
    with pytest.raises(UsageError, match="names “man”, which is no kind of piece"):
        kinds_of(weights, {0: "person"})
    (tmp_path / "w.json").write_text("{")
    with pytest.raises(UsageError, match="cannot be read as JSON"):
        kinds_of(weights, {0: "person"})


def test_a_calibration_survives_being_written(tmp_path):
    written = Calibration(0.3, 0.1, 0.9, ((0.0, 0.1), (0.5, 0.3), (1.0, 1.0)), ((0.0, 0.0), (0.4, 0.6)))
    written.write(tmp_path / "c.json")
    read = Calibration.read(tmp_path / "c.json")
    assert read == written
    assert read.likeness(0.75) == pytest.approx(0.65) and read.likeness(2) == 1 and read.likeness(-1) == 0.1
    assert read.likeness_of_words(0.2) == pytest.approx(0.3)
