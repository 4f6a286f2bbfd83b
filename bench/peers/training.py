"""A training step: forward, backward, SGD with momentum and weight decay, batch norm."""

from contextlib import nullcontext
from typing import Callable

import torch
import torch.nn.functional as F
from networks import load_batches, load_network
from torch import Tensor


class Trainer:
    """A network and its optimizer; `step` gives the loss as a number."""

    def __init__(self, given: dict, device: torch.device, layout: torch.memory_format, half: bool):
        self.network = load_network(given, layout, device)
        self.batches = load_batches(given, layout, device)
        self.device, self.half = device, half
        recipe = given["recipe"]
        self.optimizer = torch.optim.SGD(
            self.network.parameters(),
            lr=recipe["learningRate"],
            momentum=recipe["momentum"],
            weight_decay=recipe["weightDecay"],
            fused=True,
        )

    def step(self, repetition: int) -> float:
        images, labels = self.batches[repetition % len(self.batches)]
        self.optimizer.zero_grad(set_to_none=True)
        cast = torch.autocast(self.device.type, torch.bfloat16) if self.half else nullcontext()
        with cast:
            loss = F.cross_entropy(self.network(images), labels)
        loss.backward()
        self.optimizer.step()
        return loss.item()


class Training:
    """Variants `nchw`, `channels-last` and `bfloat16 channels-last`."""

    def __init__(self, given: dict, device: torch.device) -> None:
        self.given, self.device = given, device
        self.made: dict[str, Trainer] = {}

    def variant(self, who: str) -> Callable[[int], object]:
        if who not in self.made:
            layout = torch.channels_last if "channels-last" in who else torch.contiguous_format
            half = who.startswith("bfloat16")
            self.made[who] = Trainer(self.given, self.device, layout, half)
        return self.made[who].step

    def check(self) -> dict[str, Tensor]:
        """Losses, parameters, momenta and running moments after the first steps."""
        trainer = Trainer(self.given, self.device, torch.contiguous_format, half=False)
        losses = [trainer.step(k) for k in range(self.given["checkedSteps"])]
        found = {"loss": torch.tensor(losses)}
        for name, values in trainer.network.state_dict().items():
            if not name.endswith("num_batches_tracked"):
                found[f"value {name}"] = values
        for name, parameter in trainer.network.named_parameters():
            found[f"momentum {name}"] = trainer.optimizer.state[parameter]["momentum_buffer"]
        return found
