"""The part of vLLM's public API that ``vllm:`` uses, computed by plain Transformers on the CPU.

vLLM itself needs a GPU build and cannot be installed where these tests run. Argument names, the shape of prompts
(``prompt_token_ids``, ``multi_modal_data``) and of outputs follow vLLM 0.10 and later; whatever is not named here
is refused, so that a misspelt argument fails.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any

import torch
import transformers

__version__ = "0.0.fake"


@dataclass(kw_only=True)
class SamplingParams:
    temperature: float = 1.0
    top_p: float = 1.0
    seed: int | None = None
    stop: list[str] | None = None
    max_tokens: int | None = 16
    logprobs: int | None = None
    prompt_logprobs: int | None = None


@dataclass
class Logprob:
    logprob: float
    rank: int | None = None
    decoded_token: str | None = None


@dataclass
class CompletionOutput:
    index: int
    text: str
    token_ids: list[int]
    logprobs: list[dict[int, Logprob]] | None
    finish_reason: str | None
    stop_reason: int | str | None = None


@dataclass
class RequestOutput:
    prompt_token_ids: list[int]
    prompt_logprobs: list[dict[int, Logprob] | None] | None
    outputs: list[CompletionOutput]


@dataclass
class LLM:
    """An engine; ``calls`` counts the sequences of each call of :meth:`generate`."""

    model: str
    dtype: str = field(default="auto", kw_only=True)
    max_model_len: int | None = field(default=None, kw_only=True)
    tensor_parallel_size: int = field(default=1, kw_only=True)
    gpu_memory_utilization: float = field(default=0.9, kw_only=True)
    quantization: str | None = field(default=None, kw_only=True)
    trust_remote_code: bool = field(default=False, kw_only=True)
    seed: int | None = field(default=None, kw_only=True)
    enable_prefix_caching: bool | None = field(default=None, kw_only=True)
    enforce_eager: bool = field(default=False, kw_only=True)
    limit_mm_per_prompt: dict[str, int] = field(default_factory=dict, kw_only=True)

    def __post_init__(self) -> None:
        config = transformers.AutoConfig.from_pretrained(self.model)
        sees = hasattr(config, "vision_config")
        kind = transformers.AutoModelForImageTextToText if sees else transformers.AutoModelForCausalLM
        self.network = kind.from_pretrained(self.model, dtype=torch.float32).eval()
        self.tokenizer = transformers.AutoTokenizer.from_pretrained(self.model)
        self.processor = transformers.AutoProcessor.from_pretrained(self.model) if sees else None
        length = self.max_model_len or config.get_text_config().max_position_embeddings
        self.llm_engine = SimpleNamespace(model_config=SimpleNamespace(max_model_len=length, dtype=torch.float32))
        self.calls: list[int] = []

    def generate(
        self,
        prompts: Sequence[dict[str, Any]],
        sampling_params: Sequence[SamplingParams],
        *,
        use_tqdm: bool = True,
    ) -> list[RequestOutput]:
        assert not use_tqdm
        assert len(prompts) == len(sampling_params)
        inputs = [self._inputs(**prompt) for prompt in prompts]  # all are checked before one is run
        self.calls.append(len(prompts))
        pairs = zip(inputs, sampling_params, strict=True)
        return [self._answer(ids, media, params) for (ids, media), params in pairs]

    def _inputs(
        self, prompt_token_ids: list[int], multi_modal_data: dict[str, list[Any]] | None = None
    ) -> tuple[list[int], dict[str, Any]]:
        """Replace each picture's placeholder by as many tokens as the picture takes."""
        ids, media = list(prompt_token_ids), {}
        if multi_modal_data:
            assert self.processor is not None
            assert set(multi_modal_data) == {"image"}
            token = self.network.config.image_token_id
            pictures = multi_modal_data["image"]
            encoded = self.processor(images=pictures, text="<image>" * len(pictures), return_tensors="pt")
            each = encoded["input_ids"][0].tolist().count(token) // len(pictures)
            ids = [new for old in ids for new in ([token] * each if old == token else [old])]
            media = {"pixel_values": encoded["pixel_values"]}
        longest = self.llm_engine.model_config.max_model_len
        if len(ids) + 1 > longest:
            raise ValueError(
                f"The decoder prompt (length {len(ids)}) is longer than the maximum model length {longest}."
            )
        if max(ids) >= self.network.config.get_text_config().vocab_size:
            raise ValueError("Token id out of vocabulary")
        return ids, media

    @torch.inference_mode()
    def _answer(self, ids: list[int], media: dict[str, Any], params: SamplingParams) -> RequestOutput:
        rows = self.network(torch.tensor([ids]), **media).logits[0].float().log_softmax(-1)
        told: list[dict[int, Logprob] | None] | None = None
        if params.prompt_logprobs is not None:
            assert params.prompt_logprobs == 0
            told = [None, *({token: Logprob(rows[at, token].item())} for at, token in enumerate(ids[1:]))]
        return RequestOutput(ids, told, [self._write(ids, media, params)])

    def _write(self, ids: list[int], media: dict[str, Any], params: SamplingParams) -> CompletionOutput:
        assert params.temperature == 0
        ends = self.network.generation_config.eos_token_id
        ends = {ends} if isinstance(ends, int) else set(ends or ())
        new: list[int] = []
        values: list[dict[int, Logprob]] = []
        most = min(params.max_tokens or 16, self.llm_engine.model_config.max_model_len - len(ids))
        while len(new) < most:
            row = self.network(torch.tensor([ids + new]), **media).logits[0, -1].float().log_softmax(-1)
            token = int(row.argmax())
            new.append(token)
            values.append({token: Logprob(row[token].item())})
            if token in ends:
                text = self.tokenizer.decode(new[:-1], skip_special_tokens=True)
                return CompletionOutput(0, text, new, values, "stop", None)
            text = self.tokenizer.decode(new, skip_special_tokens=True)
            found = {text.find(stop): stop for stop in params.stop or () if stop in text}
            if found:
                return CompletionOutput(0, text[: min(found)], new, values, "stop", found[min(found)])
        return CompletionOutput(0, self.tokenizer.decode(new, skip_special_tokens=True), new, values, "length")
