"""Conversations as text: templates, plain joins, special tokens."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import jinja2
import pytest
import transformers

from mmbench.backends.hf import load
from mmbench.backends.hf.prompts import Prompt, Prompter
from mmbench.model import Model
from mmbench.schema import Generate, Image, assistant, message, user

BOS_TEMPLATE = (
    "{{ bos_token }}{% for m in messages %}[{{ m['role'] }}] {{ m['content'] }}{% endfor %}"
    "{% if add_generation_prompt %}[assistant]{% endif %}"
)


@pytest.fixture
def tokenizer(checkpoint: Callable[[str], Path]) -> Any:
    return transformers.AutoTokenizer.from_pretrained(checkpoint("causal-lm"))


@pytest.mark.parametrize(
    ("messages", "text", "joint"),
    [
        ((), "", ""),
        ((user("Is it red?"),), "Is it red?\n", ""),
        ((user("Is it red?", "Say yes or no.\n"),), "Is it red?\nSay yes or no.\n", ""),
        ((user("Q: red? A:"),), "Q: red? A:", " "),
        ((user("Q: a? A:"), assistant("b"), user("Q: c? A:")), "Q: a? A: b\n\nQ: c? A:", " "),
        ((user("a?"), assistant("b"), user("c?")), "a?\nb\n\nc?\n", ""),
        ((message("system", "Be brief."), user("c?")), "Be brief.\n\nc?\n", ""),
        ((user("Describe:"), assistant("It is")), "Describe: It is", ""),
    ],
)
def test_plain_text(tokenizer: Any, messages: Any, text: str, joint: str) -> None:
    assert Prompter(tokenizer).render(messages) == Prompt(text, (), True, joint)


def test_an_encoder_gets_the_text_alone(tokenizer: Any) -> None:
    prompter = Prompter(tokenizer, continues=False)
    assert prompter.render((user("Translate: Hallo"),)) == Prompt("Translate: Hallo", (), True, "")


def test_replies_keep_their_own_white_space() -> None:
    assert Prompt("A:", joint=" ").reply("yes") == " yes"
    assert Prompt("A:", joint=" ").reply("\tyes") == "\tyes"


def test_pictures_stand_where_they_were_said(checkpoint: Callable[[str], Path], pictures: list[Image]) -> None:
    processor = transformers.AutoProcessor.from_pretrained(checkpoint("image-text-to-text"))
    first, second, _ = pictures
    prompt = Prompter(processor.tokenizer, processor).render((user("Compare", first, "with", second),))
    assert prompt == Prompt("Compare\n<image>\nwith\n<image>\n", (first, second), True, "")


def test_the_template_is_used_and_its_joint_found(tokenizer: Any) -> None:
    tokenizer.chat_template = "{% for m in messages %}[{{ m.role }}] {{ m.content }}\n{% endfor %}" + (
        "{% if add_generation_prompt %}[assistant]{% endif %}"
    )
    prompter = Prompter(tokenizer)
    assert prompter.render((user("Hi"),)) == Prompt("[user] Hi\n[assistant]", (), False, " ")
    assert prompter.render((user("Hi"), assistant("I"))) == Prompt("[user] Hi\n[assistant] I", (), False, "")
    assert prompter.render(()) == Prompt("", (), True, "")


def test_a_chat_template_can_be_left_aside(
    checkpoint: Callable[[str], Path], loaded: Callable[[str], Model]
) -> None:
    request = Generate((user("How many cubes?"),), 6)
    base = load(str(checkpoint("causal-lm-chat")), device="cpu", chat_template=False)
    assert _rows(base, *request.messages) == _rows(loaded("causal-lm"), *request.messages)
    assert _rows(base, *request.messages) != _rows(loaded("causal-lm-chat"), *request.messages)
    assert base.fingerprint != loaded("causal-lm-chat").fingerprint


def test_a_template_that_refuses_is_an_error_of_the_request(
    checkpoint: Callable[[str], Path], tmp_path: Path
) -> None:
    folder = _copy(checkpoint("causal-lm"), tmp_path)
    (folder / "chat_template.jinja").write_text(
        "{% if messages[0].role == 'system' %}{{ raise_exception('no system prompt here') }}{% endif %}"
        "{{ messages[0].content }}"
    )
    refused, answered = load(str(folder), device="cpu").run(
        [Generate((message("system", "S"), user("Q")), 3), Generate((user("Q"),), 3)]
    )
    assert refused.error == "the chat template refuses the conversation: no system prompt here."
    assert answered.error is None


def test_the_probe_survives_a_template_that_fails(tokenizer: Any) -> None:
    tokenizer.chat_template = "{{ raise_exception('never') }}"
    prompter = Prompter(tokenizer)
    with pytest.raises(jinja2.TemplateError, match="never"):
        prompter.render((user("Q"),))


def test_bos_is_never_doubled(checkpoint: Callable[[str], Path], tmp_path: Path) -> None:
    """A tokenizer that adds BOS, with and without a template that writes it."""
    folder = _copy(checkpoint("causal-lm"), tmp_path)
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    from tokenizers.processors import TemplateProcessing

    tokenizer.backend_tokenizer.post_processor = TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A $B", special_tokens=[("<s>", 0), ("</s>", 1)]
    )
    tokenizer.save_pretrained(folder)
    plain = _rows(load(str(folder), device="cpu"), user("Is it red?"))
    assert plain[0] == 0
    assert plain.count(0) == 1
    assert plain[-1] != 1, "EOS would end the text that the model is to continue"
    tokenizer.chat_template = BOS_TEMPLATE
    tokenizer.save_pretrained(folder)
    chat = _rows(load(str(folder), device="cpu"), user("Is it red?"))
    assert chat == tokenizer.apply_chat_template(
        [{"role": "user", "content": "Is it red?"}], add_generation_prompt=True, return_dict=False
    )
    assert chat.count(0) == 1


def test_bos_is_never_doubled_by_a_processor(
    checkpoint: Callable[[str], Path], tmp_path: Path, pictures: list[Image]
) -> None:
    folder = _copy(checkpoint("image-text-to-text"), tmp_path)
    for template in ("{{ bos_token }}", ""):
        (folder / "chat_template.jinja").write_text(
            template
            + "{% for m in messages %}{% for part in m['content'] %}{% if part['type'] == 'image' %}<image>"
            "{% else %}{{ part['text'] }}{% endif %}{% endfor %}{% endfor %}"
        )
        model = load(str(folder), device="cpu")
        rows = model._adapter._encoder.encode(  # type: ignore[attr-defined]
            [model._adapter._prompter.render((user(pictures[0], "red?"),))],
            [0],  # type: ignore[attr-defined]
        )
        assert rows.inputs["input_ids"][0].tolist().count(0) == 1


def _rows(model: Model, *messages: Any) -> list[int]:
    adapter: Any = model._adapter  # type: ignore[attr-defined]
    batch = adapter._encoder.encode([adapter._prompter.render(messages)], [0])
    return list(batch.inputs["input_ids"][0].tolist())


def _copy(source: Path, target: Path) -> Path:
    for path in source.iterdir():
        (target / path.name).write_bytes(path.read_bytes())
    return target
