"""PyTorch's side of the bench: reads one JSON command a line, answers with one JSON line.

start {threads, device}; about -> {name}; prepare {job, given}; time {who, repetition, calls} ->
{ms} a call; check {who, file}; ceiling {quick} -> {gflops, of}. A failure answers {error} in one
line.
"""

import json
import os
import sys
import time

import torch
from ceiling import ceiling
from convolution import Convolution
from normals import Normals
from propagation import Propagation
from safetensors.torch import save_file
from training import Training

jobs = {
    "propagation": Propagation,
    "training": Training,
    "convolution": Convolution,
    "normals": Normals,
}


class Peer:
    """What the commands act on."""

    def __init__(self) -> None:
        self.device = torch.device("cpu")
        self.job = None
        self.variants = {}

    def start(self, threads: int, device: str) -> dict:
        torch.set_num_threads(threads)
        if device != "cpu" and torch.cuda.is_available():
            self.device = torch.device(device)
        return {}

    def about(self) -> dict:
        return {"name": f"PyTorch {torch.__version__} on {self.device.type}"}

    def prepare(self, job: str, given: dict) -> dict:
        self.job, self.variants = jobs[job](given, self.device), {}
        return {}

    def time(self, who: str, repetition: int, calls: int) -> dict:
        if who not in self.variants:
            self.variants[who] = self.job.variant(who)
        run = self.variants[who]
        start = time.perf_counter()
        for call in range(calls):
            run(repetition + call)
        if self.device.type == "cuda":
            torch.cuda.synchronize()
        return {"ms": (time.perf_counter() - start) * 1000 / calls}

    def check(self, who: str, file: str) -> dict:
        found = self.job.check()  # every variant computes the same
        save_file({name: x.detach().cpu().float().contiguous() for name, x in found.items()}, file)
        return {}

    def ceiling(self, quick: bool) -> dict:
        return ceiling(quick, self.device)


def main() -> None:
    # Answers go where stdout was; whatever a library prints goes to stderr.
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    peer = Peer()
    for line in sys.stdin:
        command = json.loads(line)
        try:
            answer = getattr(peer, command.pop("do"))(**command)
        except Exception as error:  # the other side shows it
            answer = {"error": f"{type(error).__name__}: {error}".splitlines()[0]}
        print(json.dumps(answer), file=answers, flush=True)


main()
