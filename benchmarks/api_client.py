"""A slow, faulty server: ``mmbench.evaluate`` against bare asyncio clients with the same retry rules.

1,000 requests at 50 ms, 5 % HTTP 500, 2 % HTTP 429 with ``Retry-After: 1``, 64 at once. Every client meets the
same faults at the same questions, in the same order. The server, in a process of its own, counts what it answered.
Store, scoring and run folder are on for mmbench; the bare clients only collect texts. A request that had been
answered before is one "asked in vain".
"""

import asyncio
import json
import random
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter, defaultdict
from collections.abc import Awaitable, Callable
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests" / "support"))

REQUESTS, LATENCY, CONCURRENCY, REPEATS = 1000, 0.05, 64, 5
ERRORS, LIMITS = 0.05, 0.02
SERVER = "--serve"


def serve() -> None:
    """Serve until the standard input closes; the model's name tells runs apart."""
    from fault_server import Call, FaultServer, Reply, chat, refusal

    asked: dict[str, Counter[str]] = defaultdict(Counter)
    answered: dict[str, Counter[str]] = defaultdict(Counter)

    def script(call: Call) -> Reply:
        run = call.body["model"]
        if call.path == "/v1/counts":
            again = sum(count - 1 for count in answered[run].values())
            return Reply(body={"asked": asked[run].total(), "answered": len(answered[run]), "again": again})
        asked[run][call.prompt] += 1
        luck = random.Random(f"{call.prompt} {asked[run][call.prompt]}").random()
        if luck < ERRORS:
            return Reply(500, refusal("oops"), delay=LATENCY)
        if luck < ERRORS + LIMITS:
            return Reply(429, refusal("slow down"), {"Retry-After": "1"}, delay=LATENCY)
        answered[run][call.prompt] += 1
        return Reply(body=chat("Paris"), delay=LATENCY)

    with FaultServer(script, models=[]) as server:
        print(server.url, flush=True)
        sys.stdin.read()


def counts(url: str, run: str) -> dict[str, int]:
    """Return what the server has counted of a run."""
    request = urllib.request.Request(f"{url}/counts", json.dumps({"model": run}).encode(), method="POST")
    with urllib.request.urlopen(request) as answer:
        found: dict[str, int] = json.load(answer)
    return found


def write_rows(path: Path) -> list[str]:
    """Write questions, and return the prompts that the task makes of them."""
    from mmbench_tasks.qa import QA

    rows = [
        {
            "id": str(number),
            "context": f"Fact {number:04}.",
            "question": f"Where is {number:04}?",
            "answers": ["Paris"],
        }
        for number in range(REQUESTS)
    ]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return [QA().sample(row).messages[0].text for row in rows]


def with_mmbench(url: str, run: str, folder: Path) -> int:
    """Evaluate; return how many samples got no answer."""
    import mmbench

    finished = mmbench.evaluate(
        f"openai:{run}@{url}",
        f"qa:{folder / 'rows.jsonl'}",
        out=folder / run,
        model_options={"concurrency": CONCURRENCY, "scoring": "off"},
    )
    return finished.manifest.tasks[0].errors


Post = Callable[[dict[str, object]], Awaitable[tuple[int, float | None, str]]]


async def ask_all(post: Post, run: str, prompts: list[str]) -> int:
    """The whole bare client: a semaphore, Retry-After, else a doubling wait with jitter."""
    places = asyncio.Semaphore(CONCURRENCY)
    rng = random.Random(0)

    async def one(prompt: str) -> str:
        turn = {"role": "user", "content": prompt}
        body: dict[str, object] = {"model": run, "messages": [turn], "max_tokens": 32, "temperature": 0.0}
        for attempt in range(7):
            async with places:
                status, wait, text = await post(body)
            if status == 200:
                return text
            await asyncio.sleep(wait if wait is not None else 0.5 * 2**attempt * rng.uniform(0.5, 1.0))
        return ""

    return (await asyncio.gather(*map(one, prompts))).count("")


async def with_aiohttp(url: str, run: str, prompts: list[str]) -> int:
    """Ask with nothing but aiohttp."""
    import aiohttp

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=CONCURRENCY)) as session:

        async def post(body: dict[str, object]) -> tuple[int, float | None, str]:
            async with session.post(f"{url}/chat/completions", json=body) as answer:
                told = await answer.json()
                wait = answer.headers.get("Retry-After")
                text = told["choices"][0]["message"]["content"] if answer.status == 200 else ""
                return answer.status, float(wait) if wait else None, text

        return await ask_all(post, run, prompts)


async def with_openai(url: str, run: str, prompts: list[str]) -> int:
    """Ask with the openai client as it comes."""
    import openai

    async with openai.AsyncOpenAI(base_url=url, api_key="none", max_retries=0) as client:

        async def post(body: dict[str, object]) -> tuple[int, float | None, str]:
            try:
                answer = await client.chat.completions.create(**body)  # type: ignore[call-overload]
            except openai.APIStatusError as error:
                wait = error.response.headers.get("Retry-After")
                return error.status_code, float(wait) if wait else None, ""
            return 200, None, answer.choices[0].message.content

        return await ask_all(post, run, prompts)


def main() -> list[str]:
    """Measure, and return the lines of a Markdown table."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        prompts = write_rows(folder / "rows.jsonl")
        command = [sys.executable, __file__, SERVER]
        with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as server:
            assert server.stdout is not None
            url = server.stdout.readline().strip()
            clients: dict[str, Callable[[str], int]] = {
                "bare asyncio, aiohttp": lambda run: asyncio.run(with_aiohttp(url, run, prompts)),
                "bare asyncio, openai": lambda run: asyncio.run(with_openai(url, run, prompts)),
                "mmbench.evaluate": lambda run: with_mmbench(url, run, folder),
            }
            return compare(url, clients)


def compare(url: str, clients: dict[str, Callable[[str], int]]) -> list[str]:
    """Run every client in turn, ``REPEATS`` times after a round that warms up.

    "Asked in vain" counts requests that had been answered before.
    """
    seconds: dict[str, list[float]] = {name: [] for name in clients}
    processor: dict[str, list[float]] = {name: [] for name in clients}
    facts: dict[str, Counter[str]] = {name: Counter() for name in clients}
    for repeat in range(REPEATS + 1):
        for number, (name, client) in enumerate(clients.items()):
            run = f"run-{number}-{repeat}"
            started, worked = time.perf_counter(), time.process_time()
            lost = client(run)
            spent, work = time.perf_counter() - started, time.process_time() - worked
            if repeat:
                seconds[name].append(spent)
                processor[name].append(work)
                facts[name] += Counter(counts(url, run)) + Counter(lost=lost)
    lines = [
        "| client | seconds (median) | min - max | over bare aiohttp | processor, s | lost | asked in vain |",
        "|---|---:|---:|---:|---:|---:|---:|",
    ]
    bare = statistics.median(next(iter(seconds.values())))
    for name, spent in seconds.items():
        middle, found = statistics.median(spent), facts[name]
        missing = found["lost"] + REPEATS * REQUESTS - found["answered"]
        spread = f"{min(spent):.2f} - {max(spent):.2f}"
        work = statistics.median(processor[name])
        line = f"| {name} | {middle:.2f} | {spread} | {middle / bare:.2f} | {work:.2f} | {missing} "
        lines.append(f"{line}| {found['again']} |")
    return lines


if __name__ == "__main__":
    if SERVER in sys.argv:
        serve()
    else:
        print("\n".join(main()))
