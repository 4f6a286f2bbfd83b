"""Signal propagation: variances of every block's output and of the gradient there."""

from typing import Callable

import torch
import torch.nn.functional as F
from networks import Network, load_batches, load_network
from torch import Tensor


Moments = Callable[[Tensor], list[Tensor]]


def moments(x: Tensor) -> list[Tensor]:
    """Variance over everything, and the mean over channels of a channel's variance."""
    return [x.var(), x.var((0, 2, 3)).mean()]


def tuned_moments(x: Tensor) -> list[Tensor]:
    """The same (by n, not n - 1) from sums over positions, which PyTorch takes far quicker."""
    size = x.shape[2] * x.shape[3]
    mean = x.mean((2, 3)).mean(0)
    square = torch.linalg.vector_norm(x, dim=(2, 3)).square().mean(0) / size
    average = (square - mean.square()).mean()
    return [average + mean.var(correction=0), average]


def frozen_pass(network: Network, images: Tensor, labels: Tensor, of: Moments) -> list[float]:
    """The quickest form: frozen parameters, one call for the gradients of all outputs."""
    outputs = [network.stem(images).requires_grad_()]
    for block in network.blocks:
        outputs.append(block(outputs[-1]))
    loss = F.cross_entropy(network.tail(outputs[-1]), labels)
    gradients = torch.autograd.grad(loss, outputs)
    with torch.no_grad():
        read = [value for x in (*outputs, *gradients) for value in of(x)]
        return torch.stack(read).tolist()


def user_pass(network: Network, images: Tensor, labels: Tensor) -> list[float]:
    """The usual form: parameters with gradients, hooks on the blocks, loss.backward()."""
    outputs: list[Tensor] = []

    def keep(_module, _inputs, output: Tensor) -> None:
        output.retain_grad()
        outputs.append(output)

    hooks = [part.register_forward_hook(keep) for part in (network.stem, *network.blocks)]
    F.cross_entropy(network(images), labels).backward()
    read = [(x.detach().var().item(), x.grad.var().item()) for x in outputs]
    for hook in hooks:
        hook.remove()
    network.zero_grad(set_to_none=True)
    return [value for pair in read for value in pair]


def all_signals(network: Network, images: Tensor, labels: Tensor) -> dict[str, Tensor]:
    """Both variances of every signal both ways, summed in float64; for comparison, not timed."""
    signals: dict[str, Tensor] = {}

    def tap(name: str, x: Tensor) -> Tensor:
        signals[name] = x.view_as(x) if x.requires_grad else x.requires_grad_()
        return signals[name]

    loss = F.cross_entropy(network(images, tap), labels)
    gradients = torch.autograd.grad(loss, list(signals.values()))
    found: dict[str, Tensor] = {}
    for direction, values in (("forward", signals.values()), ("backward", gradients)):
        for name, x in zip(signals, values):
            exact = x.detach().double().transpose(0, 1).flatten(1)
            found[f"{direction} {name} variance"] = exact.var(correction=0)
            found[f"{direction} {name} averageChannelVariance"] = exact.var(1, correction=0).mean()
    return found


class Propagation:
    """Variants `frozen LAYOUT`, `frozen tuned LAYOUT` and `user`; LAYOUT: nchw, channels-last."""

    def __init__(self, given: dict, device: torch.device) -> None:
        self.given, self.device, self.made = given, device, {}

    def loaded(self, layout: torch.memory_format, gradients: bool) -> tuple:
        key = (layout, gradients)
        if key not in self.made:
            network = load_network(self.given, layout, self.device).requires_grad_(gradients)
            self.made[key] = network, load_batches(self.given, layout, self.device)
        return self.made[key]

    def variant(self, who: str) -> Callable[[int], object]:
        layout = torch.channels_last if who.endswith("channels-last") else torch.contiguous_format
        network, batches = self.loaded(layout, who == "user")
        if who == "user":
            return lambda repetition: user_pass(network, *batches[repetition % len(batches)])
        of = tuned_moments if "tuned" in who else moments
        return lambda repetition: frozen_pass(network, *batches[repetition % len(batches)], of)

    def check(self) -> dict[str, Tensor]:
        network, batches = self.loaded(torch.contiguous_format, False)
        return all_signals(network, *batches[0])
