"""Draws of standard normal numbers."""

from typing import Callable

import numpy
import torch
from torch import Tensor


class Normals:
    """Variants `float32`, `float64` (PyTorch's generator) and `numpy Philox float64`."""

    def __init__(self, given: dict, device: torch.device) -> None:
        self.count, self.device = given["count"], device

    def variant(self, who: str) -> Callable[[int], object]:
        if who.startswith("numpy"):
            generator = numpy.random.Generator(numpy.random.Philox(1))
            return lambda _repetition: generator.standard_normal(self.count)
        dtype = torch.float64 if who == "float64" else torch.float32
        return lambda _repetition: torch.randn(self.count, dtype=dtype, device=self.device)

    def check(self) -> dict[str, Tensor]:
        """Nothing: two generators draw different numbers."""
        return {}
