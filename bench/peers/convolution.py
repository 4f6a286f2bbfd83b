"""Convolutions 3x3 with padding 1: forward, by the input, by the filter."""

from typing import Callable

import torch
from safetensors.torch import load_file
from torch import Tensor


def by_input(cotangent: Tensor, filters: Tensor) -> Tensor:
    """The cotangent of the input of a convolution with as many outputs as inputs."""
    return derivative(cotangent, cotangent, filters, [True, False, False])[0]


def derivative(cotangent: Tensor, x: Tensor, filters: Tensor, mask: list[bool]) -> tuple:
    """What PyTorch's autograd calls for a convolution; `mask`: input, filters, bias."""
    return torch.ops.aten.convolution_backward(
        cotangent, x, filters, None, [1, 1], [1, 1], [1, 1], False, [0, 0], 1, mask
    )


class Convolution:
    """Variants `nchw` and `channels-last` of one direction: `forward`, `dx` or `dw`."""

    def __init__(self, given: dict, device: torch.device) -> None:
        self.direction, self.depth = given["direction"], given["depth"]
        self.data = {name: values.to(device) for name, values in load_file(given["data"]).items()}

    def result(self, x: Tensor, cotangent: Tensor, filters: list[Tensor]) -> Tensor:
        if self.direction == "dw":
            return derivative(cotangent, x, filters[0], [False, True, False])[1]
        if self.direction == "dx":
            for one in reversed(filters):
                cotangent = by_input(cotangent, one)
            return cotangent
        for one in filters:
            x = torch.conv2d(x, one, padding=1)
        return x

    def inputs(self, layout: torch.memory_format) -> tuple[Tensor, Tensor, list[Tensor]]:
        def image(name: str) -> Tensor:
            return self.data[name].permute(0, 3, 1, 2).contiguous(memory_format=layout)

        filters = [
            self.data[f"filters.{k}"].contiguous(memory_format=layout) for k in range(self.depth)
        ]
        return image("x"), image("cotangent"), filters

    def variant(self, who: str) -> Callable[[int], object]:
        layout = torch.channels_last if who == "channels-last" else torch.contiguous_format
        inputs = self.inputs(layout)
        return lambda _repetition: self.result(*inputs)

    def check(self) -> dict[str, Tensor]:
        found = self.result(*self.inputs(torch.contiguous_format))
        return {"result": found if self.direction == "dw" else found.permute(0, 2, 3, 1)}
