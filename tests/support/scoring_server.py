"""What vLLM's server tells of a prompt, computed by plain Transformers on a tiny checkpoint."""

from pathlib import Path
from typing import Any

import torch
import transformers
from fault_server import Call, Reply, chat, refusal


class Scripts:
    """Scripts for :class:`fault_server.FaultServer`; ``begins``: the server puts BOS before plain text."""

    def __init__(self, folder: Path, *, begins: bool = False) -> None:
        self.tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
        self.model = transformers.AutoModelForCausalLM.from_pretrained(folder).eval()
        self.begins = begins

    def both(self, call: Call) -> Reply:
        """Echo plain text, and score conversations."""
        return self.echo(call) if call.path.endswith("/v1/completions") else self.chat(call)

    def echo(self, call: Call) -> Reply:
        """Score plain text; generate nothing."""
        if not call.path.endswith("/v1/completions"):
            return Reply(400, refusal("no chat template"))
        body = call.body
        if not body.get("echo"):
            return Reply(400, refusal("only echo"))
        ids = self.tokenizer(body["prompt"])["input_ids"]
        ids = [self.tokenizer.bos_token_id, *ids] if self.begins else ids
        values, best = self._score(ids)
        tokens = [self.tokenizer.decode([token]) for token in [*ids, best]]
        choice = {
            "index": 0,
            "text": body["prompt"] + tokens[-1],
            "finish_reason": "length",
            "logprobs": {"tokens": tokens, "token_logprobs": [None, *values, -0.5]},
        }
        usage = {"prompt_tokens": len(ids), "completion_tokens": 1}
        return Reply(body={"choices": [choice], "usage": usage})

    def chat(self, call: Call) -> Reply:
        """Score a conversation as the chat template renders it."""
        if call.path.endswith("/v1/completions"):
            return Reply(404, refusal("no such endpoint"))
        body = call.body
        if "prompt_logprobs" not in body:
            return Reply(body=chat("hello"))
        ids = self.tokenizer.apply_chat_template(
            body["messages"],
            add_generation_prompt=body["add_generation_prompt"],
            continue_final_message=body["continue_final_message"],
            return_dict=False,
        )
        values, _ = self._score(ids)
        told: list[Any] = [None]
        told += [{str(token): {"logprob": value, "rank": 1}} for token, value in zip(ids[1:], values, strict=True)]
        usage = {"prompt_tokens": len(ids), "completion_tokens": 1}
        return Reply(body=chat("x", "length", prompt_logprobs=told, usage=usage))

    @torch.inference_mode()
    def _score(self, ids: list[int]) -> tuple[list[float], int]:
        """Return the log-probability of each token after the first, and the most likely next one."""
        rows = self.model(torch.tensor([ids])).logits[0].float().log_softmax(-1)
        return [rows[at, token].item() for at, token in enumerate(ids[1:])], int(rows[-1].argmax())
