"""A bundled ONNX file -> weights that training can go on from.

Export folds every batch normalisation into the convolution before it. Unfolded again with the statistics that real
pictures give, the module computes what the file computes, and its normalisations are alive for further training.
"""

from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import nn

CONVOLUTIONS = (nn.Conv2d, nn.ConvTranspose2d)
# torch's hints know a module's parameters as tensors or modules.
Pair = tuple[Any, Any]


def frozen_weights(path: Path) -> list[tuple[np.ndarray, np.ndarray | None]]:
    """(weight, bias) float32 of every convolution of an ONNX file, in the order of computation."""
    import onnx
    from onnx import numpy_helper

    graph = onnx.load(str(path)).graph
    known = {tensor.name: tensor for tensor in graph.initializer}
    # `store_half` keeps large weights as float16 behind a Cast.
    source = {node.output[0]: node.input[0] for node in graph.node if node.op_type == "Cast"}

    def array(name: str) -> np.ndarray:
        return numpy_helper.to_array(known[source.get(name, name)]).astype(np.float32)

    nodes = [node for node in graph.node if node.op_type in ("Conv", "ConvTranspose")]
    return [(array(n.input[1]), array(n.input[2]) if len(n.input) > 2 else None) for n in nodes]


def _pairs(model: nn.Module, sample: torch.Tensor) -> list[Pair]:
    """Every convolution in the order of computation, with the nn.BatchNorm2d right after it, or None."""
    order: list[nn.Module] = []
    parts = [m for m in model.modules() if isinstance(m, (*CONVOLUTIONS, nn.BatchNorm2d))]
    hooks = [m.register_forward_hook(lambda module, *_: order.append(module)) for m in parts]
    with torch.no_grad():
        model.eval()(sample)
    for hook in hooks:
        hook.remove()
    following = [*order[1:], None]
    return [
        (module, after if isinstance(after, nn.BatchNorm2d) else None)
        for module, after in zip(order, following, strict=True)
        if isinstance(module, CONVOLUTIONS)
    ]


def _measured(model: nn.Module, pairs: list[Pair], batches: list[torch.Tensor]) -> dict[nn.Module, torch.Tensor]:
    """Mean and variance of every normalised convolution's output channels: (2, C) each."""
    totals: dict[nn.Module, Any] = {}

    def add(module: nn.Module, _: Any, output: torch.Tensor) -> None:
        part = torch.stack([output.mean((0, 2, 3)), output.square().mean((0, 2, 3))]).double()
        totals[module] = totals.get(module, 0) + part / len(batches)

    hooks = [module.register_forward_hook(add) for module, after in pairs if after]
    with torch.no_grad():
        for batch in batches:
            model(batch)
    for hook in hooks:
        hook.remove()
    return {m: torch.stack([t[0], (t[1] - t[0].square()).clamp(min=1e-8)]).float() for m, t in totals.items()}


@torch.no_grad()
def thaw(model: nn.Module, path: Path, batches: list[torch.Tensor]) -> None:
    """Give `model` the weights of the ONNX file that was exported from such a model.

    Args:
        model: on the CPU; afterwards in eval mode, and computing what the file computes.
        path: the ONNX file, its normalisations folded.
        batches: (N, 3, H, W) float32 inputs of the kind that training will show, for the normalisations' statistics.

    Raises:
        ValueError: the file's convolutions are not those of the model.
    """
    pairs, frozen = _pairs(model, batches[0][:1]), frozen_weights(path)
    if [tuple(m.weight.shape) for m, _ in pairs] != [w.shape for w, _ in frozen]:
        raise ValueError(f"{path.name} was not exported from such a model: its convolutions differ.")
    for (module, after), (weight, bias) in zip(pairs, frozen, strict=True):
        module.weight.copy_(torch.from_numpy(weight))
        if bias is not None and after:
            after.running_mean.zero_()
            after.running_var.fill_(1 - after.eps)
            after.weight.fill_(1)
            after.bias.copy_(torch.from_numpy(bias))
        elif bias is not None:
            module.bias.copy_(torch.from_numpy(bias))
    measured = _measured(model, pairs, batches)
    for module, after in pairs:
        if after:
            mean, variance = measured[module]
            after.running_mean.copy_(mean)
            after.running_var.copy_(variance)
            after.weight.copy_((variance + after.eps).sqrt())
            after.bias.add_(mean)
