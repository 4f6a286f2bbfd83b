"""The machine's rate in float32, from work without waste."""

import time

import torch

repetitions = 7


def rate(flops: float, work) -> float:
    """Best rate in GFLOP/s."""
    work()
    best = float("inf")
    for _ in range(repetitions):
        start = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - start)
    return flops / best / 1e9


def product_rate(side: int, device: torch.device) -> float:
    """Of the product of two square matrices."""
    a, b = torch.randn(2, side, side, device=device)
    return rate(2 * side**3, lambda: (a @ b).sum().item() if device.type == "cuda" else a @ b)


def convolution_rate(batch: int, size: int, channels: int, layout, device) -> float:
    """Of a 3x3 convolution without padding, so that no product with a zero is left out."""
    x = torch.randn(batch, channels, size + 2, size + 2, device=device)
    filters = torch.randn(channels, channels, 3, 3, device=device).contiguous(memory_format=layout)
    x = x.contiguous(memory_format=layout)
    flops = 2 * 9 * batch * size**2 * channels**2

    def work():
        y = torch.conv2d(x, filters)
        return y.sum().item() if device.type == "cuda" else y

    return rate(flops, work)


@torch.no_grad()
def ceiling(quick: bool, device: torch.device) -> dict:
    """The best rate and what reached it."""
    side, batch = (256, 2) if quick else (2048, 32)
    found = {f"matrix product {side}": product_rate(side, device)}
    layouts = {"nchw": torch.contiguous_format, "channels-last": torch.channels_last}
    for size, channels in ((32, 64), (16, 128), (8, 256)):
        for name, layout in layouts.items():
            what = f"unpadded convolution {size}x{size}x{channels} {name}"
            found[what] = convolution_rate(batch, size, channels, layout, device)
    best = max(found, key=found.get)
    return {"gflops": found[best], "of": best}
