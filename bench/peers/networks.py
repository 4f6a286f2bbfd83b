"""Pre-activation ResNets with the parts and names of isoscope's `resnet`, frozen or trainable."""

from collections import OrderedDict
from typing import Callable

import torch
from safetensors.torch import load_file
from torch import Tensor, nn

Tap = Callable[[str, Tensor], Tensor]


def untapped(_name: str, x: Tensor) -> Tensor:
    """The tap that looks at nothing."""
    return x


def convolution(inputs: int, outputs: int, size: int, stride: int) -> nn.Conv2d:
    """A convolution without bias, padded symmetrically."""
    return nn.Conv2d(inputs, outputs, size, stride, padding=(size - 1) // 2, bias=False)


def activation(channels: int, index: str, normalised: bool, owned: bool = False) -> dict:
    """Batch norm where there is one, and ReLU; it overwrites what nobody else reads (`owned`)."""
    norm = {f"bn{index}": nn.BatchNorm2d(channels)} if normalised else {}
    return {**norm, f"activation{index}": nn.ReLU(inplace=normalised or owned)}


def sequence(parts: dict[str, nn.Module]) -> nn.Sequential:
    """Modules one after the other, by their names."""
    return nn.Sequential(OrderedDict(parts))


def scoped(tap: Tap, name: str) -> Tap:
    """A tap for the parts of `name`."""
    return tap if tap is untapped else lambda part, x: tap(f"{name}.{part}", x)


class Block(nn.Module):
    """One residual block at a place {inWidth, inner, outWidth, stride} of the trunk."""

    def __init__(self, place: dict, bottleneck: bool, normalised: bool) -> None:
        super().__init__()
        inputs, inner, outputs = place["inWidth"], place["inner"], place["outWidth"]
        stride = place["stride"]
        shapes = [(inputs, inner, 3, stride), (inner, outputs, 3, 1)]
        if bottleneck:
            shapes = [(inputs, inner, 1, 1), (inner, inner, 3, stride), (inner, outputs, 1, 1)]
        branch: dict[str, nn.Module] = {}
        for i, shape in enumerate(shapes, 1):
            if i > 1:
                branch.update(activation(shape[0], str(i), normalised, owned=True))
            branch[f"conv{i}"] = convolution(*shape)
        self.pre = sequence(activation(inputs, "1", normalised))
        self.branch = sequence(branch)
        self.projects = stride != 1 or inputs != outputs
        if self.projects:
            self.shortcut = sequence({"conv": convolution(inputs, outputs, 1, stride)})

    def forward(self, x: Tensor, tap: Tap = untapped) -> Tensor:
        activated = self.pre(x)
        branch = tap("branch", self.branch(activated))
        return branch + tap("shortcut", self.shortcut(activated) if self.projects else x)


class Network(nn.Module):
    """A network from `{stemWidth, places, bottleneck, batchNorm, classes}`."""

    def __init__(self, given: dict) -> None:
        super().__init__()
        normalised, places = given["batchNorm"], given["places"]
        last = places[-1]["outWidth"]
        self.stem = sequence({"conv": convolution(3, given["stemWidth"], 3, 1)})
        self.blocks = nn.ModuleList(
            Block(place, given["bottleneck"], normalised) for place in places
        )
        self.features = sequence(activation(last, "", normalised))
        self.classifier = nn.Linear(last, given["classes"])

    def tail(self, x: Tensor, tap: Tap = untapped) -> Tensor:
        """Logits from what the last block gives."""
        pooled = tap("features", self.features(x).mean((2, 3)))
        return tap("logits", self.classifier(pooled))

    def forward(self, x: Tensor, tap: Tap = untapped) -> Tensor:
        x = tap("stem", self.stem(x))
        for k, block in enumerate(self.blocks):
            name = f"blocks.{k}"
            x = tap(name, block(x, scoped(tap, name)))
        return self.tail(x, tap)


def load_network(given: dict, layout: torch.memory_format, device: torch.device) -> Network:
    """The network with the weights of `given["weights"]`, in training mode."""
    network = Network(given["network"])
    missing, unexpected = network.load_state_dict(load_file(given["weights"]), strict=False)
    wrong = unexpected + [name for name in missing if not name.endswith("num_batches_tracked")]
    if wrong:
        raise ValueError(f"weights that do not fit the network: {', '.join(wrong)}")
    return network.to(device).to(memory_format=layout).train()


def load_batches(given: dict, layout: torch.memory_format, device: torch.device) -> list:
    """Pairs of images [batch, channels, height, width] and labels [batch]."""
    data = load_file(given["data"])
    count = sum(name.startswith("images.") for name in data)
    return [
        (
            data[f"images.{k}"].permute(0, 3, 1, 2).to(device).contiguous(memory_format=layout),
            data[f"labels.{k}"].to(device).long(),
        )
        for k in range(count)
    ]
