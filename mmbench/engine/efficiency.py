"""What a task's work takes: time, tokens, latency, memory, energy."""

import math
import os
import sys
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

from mmbench.model import Priced
from mmbench.schema import Response
from mmbench.store.records import Efficiency, Percentiles

_STEP = math.log(1.02)  # a bin's middle is within one per cent of whatever is in it
_LEAST = 1e-9


@runtime_checkable
class Remote(Protocol):
    """A model that works in other processes."""

    def peaks(self) -> tuple[int | None, int | None]:
        """Return the most memory that one of them has had in use: of its machine, and of a GPU; in bytes."""
        ...


class Spread:
    """Percentiles of positive numbers in constant memory: counts in bins, each two per cent wide."""

    def __init__(self) -> None:
        self._bins: Counter[int] = Counter()

    def add(self, value: float) -> None:
        """Count a value."""
        self._bins[round(math.log(max(value, _LEAST)) / _STEP)] += 1

    def percentiles(self) -> Percentiles | None:
        """Return the nearest-rank percentiles, to one per cent of their value; None if nothing was counted."""
        total = self._bins.total()
        if not total:
            return None
        return Percentiles(*(self._at(math.ceil(share * total)) for share in (0.5, 0.95, 0.99)))

    def _at(self, rank: int) -> float:
        seen = 0
        for place in sorted(self._bins):
            seen += self._bins[place]
            if seen >= rank:
                break
        return float(f"{math.exp(place * _STEP):.3g}")


class Meter:
    """Fills a task's record: made when the task begins, told of fresh answers, read when it ends."""

    def __init__(self, record: Efficiency, model: object = None) -> None:
        self.record, self._model = record, model
        self._latency, self._first_token = Spread(), Spread()
        self._joules, self._cost = joules(), self._spent()
        if cuda := _cuda():
            for device in range(cuda.device_count()):
                cuda.reset_peak_memory_stats(device)

    def answered(self, responses: Iterable[Response], *, latency: bool) -> None:
        """Count answers that the model gave just now; ``latency``: each tells how long it took by itself."""
        work = self.record
        for response in responses:
            if response.error is not None:
                continue
            work.asked_input_tokens += response.input_tokens
            work.asked_output_tokens += sum(response.tokens)
            if latency:
                self._latency.add(response.latency)
            if response.first_token is not None:
                self._first_token.add(response.first_token)

    def finish(self) -> None:
        """Write down what is known at the end."""
        work = self.record
        work.latency, work.first_token = self._latency.percentiles(), self._first_token.percentiles()
        work.peak_host_bytes, work.peak_device_bytes = peak_host_bytes(), peak_device_bytes()
        if isinstance(self._model, Remote):
            host, device = self._model.peaks()
            work.peak_host_bytes = max(work.peak_host_bytes or 0, host or 0) or None
            work.peak_device_bytes = max(work.peak_device_bytes or 0, device or 0) or None
        before, now = self._joules, joules()
        if before is not None and now is not None:
            work.energy_joules = round(now - before, 3)
        spent = self._spent()
        if self._cost is not None and spent is not None:
            work.cost_dollars = round(spent - self._cost, 9)

    def _spent(self) -> float | None:
        return self._model.cost if isinstance(self._model, Priced) else None


def peak_host_bytes() -> int | None:
    """Return the most memory that this process has had resident, in bytes; None where the system does not tell."""
    with suppress(OSError, ValueError, IndexError):
        # getrusage would tell the parent's peak where that was higher: it survives fork and exec
        for line in Path("/proc/self/status").read_text().splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    if sys.platform == "win32":
        return None
    import resource

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else most * 1024


def peak_device_bytes() -> int | None:
    """Return the most that PyTorch had allocated on one GPU, in bytes; None if this process uses none."""
    cuda = _cuda()
    if cuda is None:
        return None
    return max(int(cuda.max_memory_allocated(device)) for device in range(cuda.device_count()))


def joules() -> float | None:
    """Return the energy that the visible GPUs have used since their driver was loaded, in joules.

    None where no GPU is in use by this process, or NVML (package ``nvidia-ml-py``) is not there or does not count.
    """
    if _cuda() is None and "vllm" not in sys.modules:
        return None
    try:
        import pynvml
    except ModuleNotFoundError:
        return None
    try:
        pynvml.nvmlInit()
        try:
            handles = [pynvml.nvmlDeviceGetHandleByIndex(i) for i in range(pynvml.nvmlDeviceGetCount())]
            total: int = sum(pynvml.nvmlDeviceGetTotalEnergyConsumption(handle) for handle in _visible(handles))
            return total / 1e3
        finally:
            pynvml.nvmlShutdown()
    except pynvml.NVMLError:  # no driver, or a card that does not count
        return None


def _visible(handles: list[Any]) -> list[Any]:
    """Return the GPUs that CUDA_VISIBLE_DEVICES leaves, or all where it names none by number."""
    named = [word.strip() for word in os.environ.get("CUDA_VISIBLE_DEVICES", "").split(",") if word.strip()]
    numbers = [int(word) for word in named if word.isdigit() and int(word) < len(handles)]
    return [handles[number] for number in numbers] or handles


def _cuda() -> Any:
    """Return ``torch.cuda`` if this process computes on a GPU; never imports torch for it."""
    torch = sys.modules.get("torch")
    return torch.cuda if torch is not None and torch.cuda.is_initialized() else None
