"""What a run's tasks took, as lines for the terminal."""

from collections.abc import Iterator

from mmbench.store.records import Efficiency, Percentiles, TaskRecord


def efficiency_lines(task: TaskRecord) -> Iterator[str]:
    """Yield time, tokens, latency, memory and energy of a task; what is not known is left out."""
    work = task.efficiency
    rate = work.samples_per_second or 0.0
    yield (
        f"{task.name}:{task.dataset.name}  {work.samples:,} samples in {_seconds(work.seconds)} ({_rate(rate)}): "
        f"model {_seconds(work.model_seconds)}, harness {_seconds(work.harness_seconds)}"
    )
    yield "  " + ";  ".join(_facts(work))


def _facts(work: Efficiency) -> Iterator[str]:
    read, written = work.input_tokens_per_second, work.output_tokens_per_second
    if read is not None or written is not None:
        yield f"tokens/s: {read or 0.0:,.0f} in, {written or 0.0:,.0f} out"
    if work.requests:
        yield f"{work.cached:,} of {work.requests:,} requests from the store ({work.cache_hit_rate or 0.0:.0%})"
    if work.latency:
        yield f"latency {_spread(work.latency)}"
    if work.first_token:
        yield f"first token {_spread(work.first_token)}"
    if work.peak_host_bytes is not None:
        device = "" if work.peak_device_bytes is None else f", device {_size(work.peak_device_bytes)}"
        yield f"peak memory {_size(work.peak_host_bytes)}{device}"
    if work.energy_joules is not None:
        yield f"energy {work.energy_joules / 3600:,.3g} Wh"
    if work.cost_dollars is not None:
        yield f"cost ${work.cost_dollars:,.4g}"


def _rate(value: float) -> str:
    return f"{value:.3g}/s" if value < 100 else f"{value:,.0f}/s"


def _seconds(value: float) -> str:
    return f"{value:.3g} s" if value < 100 else f"{value:,.0f} s"


def _spread(seconds: Percentiles) -> str:
    unit, scale = ("ms", 1e3) if seconds.p50 < 1 else ("s", 1.0)
    values = " / ".join(f"{value * scale:.3g}" for value in (seconds.p50, seconds.p95, seconds.p99))
    return f"p50/p95/p99 {values} {unit}"


def _size(count: int) -> str:
    return f"{count / 2**30:.2f} GiB" if count >= 2**30 else f"{count / 2**20:.0f} MiB"
