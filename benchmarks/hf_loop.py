"""The harness around a Transformers model, against a bare loop over the same model and the same requests.

Ours is a whole `evaluate`: rows from a file, prompts, response store, scoring, run folder; loading the model is on
neither side. The bare loop is what one writes by hand to be fast: texts sorted by length, batches of 32, a
key-value cache, logits of the last position alone, pictures decoded and processed a batch at a time. Answers are
compared: a difference stops the benchmark.
Checkpoints are seeded and untrained (42 million parameters, 19 million with pictures). Both sides run in one
process on one thread, in turn; times are processor seconds, their ratio is the median of the pairs'.
"""

import io
import statistics
import tempfile
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import PIL.Image
import seeded
import torch
import transformers

from mmbench import evaluate
from mmbench.backends.hf import load

REPEATS = 5
BATCH = 32
PROMPT = "{question}\nAnswer:"
Row = dict[str, Any]


@dataclass(frozen=True)
class Case:
    """One kind of work; ours and bare return the answers in order of the rows, ``load`` comes before ours."""

    name: str
    requests: int
    aim: str
    load: Callable[[], None]
    ours: Callable[[], list[str]]
    bare: Callable[[], list[str]]


def batches(lengths: Sequence[int]) -> list[list[int]]:
    """Put like lengths together, the longest first."""
    order = sorted(range(len(lengths)), key=lambda index: -lengths[index])
    return [order[start : start + BATCH] for start in range(0, len(order), BATCH)]


def decode_greedily(model: Any, inputs: dict[str, Any], most: int) -> list[list[int]]:
    """Continue a batch by its best tokens until every row has ended."""
    end, mask = model.config.get_text_config().eos_token_id, inputs["attention_mask"]
    positions = (mask.cumsum(-1) - 1).clamp(min=0)
    out = model(**inputs, position_ids=positions, use_cache=True, logits_to_keep=1)
    at, going = positions[:, -1:] + 1, torch.ones(len(mask), dtype=torch.bool)
    tokens = []
    for _ in range(most):
        best = out.logits[:, -1].argmax(-1)
        tokens.append(best)
        going &= best != end
        if len(tokens) == most or not going.any():
            break
        mask = torch.cat([mask, mask.new_ones(len(mask), 1)], 1)
        out = model(
            input_ids=best[:, None],
            attention_mask=mask,
            position_ids=at,
            past_key_values=out.past_key_values,
            use_cache=True,
        )
        at = at + 1
    rows = torch.stack(tokens, 1).tolist()
    return [row[: row.index(end)] if end in row else row for row in rows]


class Bare:
    """The bare loops over one checkpoint."""

    def __init__(self, folder: Path, auto_class: Any, reader: Any) -> None:
        self.model = auto_class.from_pretrained(folder).eval()
        self.reader = reader
        self.tokenizer = getattr(reader, "tokenizer", reader)
        self.tokenizer.padding_side = "left"

    @torch.inference_mode()
    def generate(self, prompts: Sequence[str], most: int) -> list[str]:
        """Continue texts."""
        ids = self.tokenizer(list(prompts))["input_ids"]
        texts = [""] * len(prompts)
        for chosen in batches([len(row) for row in ids]):
            inputs = self.tokenizer.pad({"input_ids": [ids[index] for index in chosen]}, return_tensors="pt")
            rows = decode_greedily(self.model, dict(inputs), most)
            for index, row in zip(chosen, rows, strict=True):
                texts[index] = self.tokenizer.decode(row, skip_special_tokens=True)
        return texts

    @torch.inference_mode()
    def choose(self, prompts: Sequence[str], options: Sequence[Sequence[str]]) -> list[str]:
        """Score every option apart, and take the likeliest."""
        pairs = [(index, option) for index, some in enumerate(options) for option in some]
        begins = [len(row) for row in self.tokenizer(list(prompts))["input_ids"]]
        ids = self.tokenizer([f"{prompts[index]} {option}" for index, option in pairs])["input_ids"]
        scores = [0.0] * len(pairs)
        for chosen in batches([len(row) for row in ids]):
            inputs = self.tokenizer.pad({"input_ids": [ids[at] for at in chosen]}, return_tensors="pt")
            counts = [len(ids[at]) - begins[pairs[at][0]] for at in chosen]
            positions = (inputs["attention_mask"].cumsum(-1) - 1).clamp(min=0)
            logits = self.model(**inputs, position_ids=positions, logits_to_keep=max(counts) + 1).logits[:, :-1]
            targets = inputs["input_ids"][:, -logits.shape[1] :]
            logprobs = logits.gather(-1, targets[..., None]).squeeze(-1) - logits.logsumexp(-1)
            for at, row, count in zip(chosen, logprobs, counts, strict=True):
                scores[at] = row[-count:].sum().item()
        chosen_options: dict[int, tuple[float, str]] = {}
        for (index, option), score in zip(pairs, scores, strict=True):
            if index not in chosen_options or score > chosen_options[index][0]:
                chosen_options[index] = (score, option)
        return [chosen_options[index][1] for index in range(len(prompts))]

    @torch.inference_mode()
    def look(self, prompts: Sequence[str], pictures: Sequence[bytes], most: int) -> list[str]:
        """Continue texts about pictures."""
        texts = [""] * len(prompts)
        for chosen in batches([len(prompt) for prompt in prompts]):
            images = [PIL.Image.open(io.BytesIO(pictures[index])).convert("RGB") for index in chosen]
            inputs = self.reader(
                text=[f"<image>\n{prompts[index]}" for index in chosen],
                images=images,
                padding=True,
                return_tensors="pt",
            )
            rows = decode_greedily(self.model, dict(inputs), most)
            for index, row in zip(chosen, rows, strict=True):
                texts[index] = self.tokenizer.decode(row, skip_special_tokens=True)
        return texts


class Ours:
    """Whole evaluations, each with a model and a response store of its own: nothing is known from before."""

    def __init__(self, folder: Path, scratch: Path) -> None:
        self.folder, self.scratch, self.count = folder, scratch, 0
        self.model: Any = None

    def load(self) -> None:
        """Load the model anew; what it keeps of pictures is gone."""
        self.model = load(str(self.folder), device="cpu")

    def run(self, task: str, options: dict[str, str]) -> list[str]:
        """Evaluate; return the answers in order of the rows."""
        self.count += 1
        out = self.scratch / f"out{self.count}"
        run = evaluate(self.model, task, batch_size=BATCH, out=out, options=options)
        answers = [row["prediction"] for batch in run.sample_batches(["prediction"]) for row in batch.to_pylist()]
        if None in answers:
            raise SystemExit(f"{task}: {run.manifest.tasks[0].first_error}")
        return answers


def text_cases(scratch: Path) -> list[Case]:
    """Generation and multiple choice with a causal language model."""
    folder = seeded.causal(scratch / "causal")
    bare = Bare(folder, transformers.AutoModelForCausalLM, transformers.AutoTokenizer.from_pretrained(folder))
    ours = Ours(folder, scratch)
    asked = [{name: row[name] for name in ("id", "question", "answers")} for row in seeded.choice_items(64, 4)]
    closed = seeded.choice_items(64)
    generation = seeded.write_rows(scratch / "generation.jsonl", asked)
    choice = seeded.write_rows(scratch / "choice.jsonl", closed)
    return [
        Case(
            "generation, 32 tokens",
            len(asked),
            "at most 1.05",
            ours.load,
            lambda: ours.run(f"qa:{generation}", {"prompt": PROMPT, "max_tokens": "32"}),
            lambda: bare.generate([PROMPT.format(**row) for row in asked], 32),
        ),
        Case(
            "multiple choice, 4 options; bare: each option apart",
            len(closed),
            "at most 0.5",
            ours.load,
            lambda: ours.run(f"qa:{choice}", {"closed_prompt": PROMPT, "mode": "choice"}),
            lambda: bare.choose([PROMPT.format(**row) for row in closed], [row["choices"] for row in closed]),
        ),
    ]


def picture_cases(scratch: Path) -> list[Case]:
    """Questions about pictures, one or four to a picture."""
    folder = seeded.image_text(scratch / "image")
    reader = transformers.AutoProcessor.from_pretrained(folder)
    bare = Bare(folder, transformers.AutoModelForImageTextToText, reader)
    ours = Ours(folder, scratch)
    return [_picture_case(bare, ours, scratch, each) for each in (1, 4)]


def _picture_case(bare: Bare, ours: Ours, scratch: Path, each: int) -> Case:
    count = 64
    pictures = [seeded.picture(index // each) for index in range(count)]
    rows = [{"id": str(index), "question": seeded.text(8, index), "answers": ["x"]} for index in range(count)]
    place = scratch / f"pictures{each}"
    place.mkdir()
    for index, (row, data) in enumerate(zip(rows, pictures, strict=True)):
        (place / f"{index}.jpg").write_bytes(data)
        row["image"] = f"{index}.jpg"
    file = seeded.write_rows(place / "rows.jsonl", rows)
    return Case(
        f"picture and question, 16 tokens, {each} question{'s' if each > 1 else ''} a picture",
        count,
        "at most 1.10" if each == 1 else "",
        ours.load,
        lambda: ours.run(f"vqa:{file}", {"prompt": PROMPT, "max_tokens": "16"}),
        lambda: bare.look([PROMPT.format(**row) for row in rows], pictures, 16),
    )


def timed(work: Callable[[], list[str]]) -> tuple[list[str], float, float]:
    """Return the answers, processor seconds and wall seconds."""
    busy, wall = time.process_time(), time.perf_counter()
    answers = work()
    return answers, time.process_time() - busy, time.perf_counter() - wall


def compare(case: Case) -> str:
    """Run both sides in turn; return a line of the table."""
    pairs = []
    for _ in range(REPEATS + 1):
        case.load()
        bare, ours = timed(case.bare), timed(case.ours)
        wrong = [
            index
            for index, answer in enumerate(bare[0])
            if answer.split("\n")[0].strip() != ours[0][index].strip()
        ]
        if wrong:
            raise SystemExit(
                f"{case.name}: answer {wrong[0]} differs: {bare[0][wrong[0]]!r}, {ours[0][wrong[0]]!r}"
            )
        pairs.append((ours[1:], bare[1:]))
    pairs = pairs[1:]  # the first pair warms up
    ours_busy, bare_busy = (statistics.median(pair[side][0] for pair in pairs) for side in (0, 1))
    busy, wall = (statistics.median(ours[at] / bare[at] for ours, bare in pairs) for at in (0, 1))
    seconds = f"{ours_busy:.2f} | {bare_busy:.2f} | {busy:.2f} | {wall:.2f}"
    return f"| {case.name} | {case.requests} | {seconds} | {case.aim} |"


def main() -> list[str]:
    """Measure, and return the lines of a Markdown table."""
    torch.set_num_threads(1)
    lines = [
        "| work | requests | ours, s | bare, s | ratio | ratio of wall times | aim |",
        "|---|---:|---:|---:|---:|---:|---|",
    ]
    with tempfile.TemporaryDirectory() as place:
        lines += [compare(case) for case in [*text_cases(Path(place)), *picture_cases(Path(place))]]
    return lines


if __name__ == "__main__":
    print("\n".join(main()))
