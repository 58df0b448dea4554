"""Likelihoods from servers that tell log-probabilities of a prompt equal those of the same model in ``hf:``."""

import pytest
from fault_server import Reply, chat, refusal
from openai_helpers import ask, without_scoring
from scoring_server import Scripts

import mmbench
from mmbench.backends.hf import load as load_hf
from mmbench.errors import ModelError, UsageError
from mmbench.schema import Choice, Generate, Image, LogLikelihood, Perplexity, assistant, message, user

TALK = (
    message("system", "Be brief."),
    user("How many cubes?"),
    assistant("two"),
    user("What colour is the ball?"),
)
COLOURS = ("red", "blue as the sky", "a very long answer, in green", "José")
REQUESTS = [
    Choice((user("What colour is the ball? Answer:"),), COLOURS),
    Choice(TALK, COLOURS),
    LogLikelihood(TALK, "The ball is red."),
    LogLikelihood((user("Question"),), "s are many"),
]
TEXTS = ["The ball is red. How many cubes are there?", "x", "Ein Mann steht auf einer Leiter, José!"]


def near(answer, expected):
    assert answer.error is None
    assert answer.text == expected.text
    assert answer.tokens == expected.tokens
    assert answer.input_tokens == expected.input_tokens
    assert answer.logprobs == pytest.approx(expected.logprobs, abs=1e-4)


@pytest.fixture(scope="module")
def local(checkpoint):
    models = {}

    def get(name):
        if name not in models:
            models[name] = load_hf(str(checkpoint(name)), device="cpu", dtype="float32")
        return models[name]

    return get


def test_plain_text_echoed(serve, connect, checkpoint, local):
    server = serve(Scripts(checkpoint("causal-lm")).echo)
    model = connect(server, scoring="auto", api="completions")
    assert model.capabilities.kinds == {Generate, LogLikelihood, Choice}
    assert model.capabilities.modalities == {"text"}
    for request, answer in zip(REQUESTS, model.run(REQUESTS), strict=True):
        near(answer, local("causal-lm").run([request])[0])


def test_conversations_through_the_chat_template(serve, connect, checkpoint, local):
    server = serve(Scripts(checkpoint("causal-lm-chat")).chat)
    model = connect(server, scoring="auto")
    assert model.capabilities.kinds == {Generate, LogLikelihood, Choice}
    assert model.capabilities.scored == {"text", "image", "audio"}
    for request, answer in zip(REQUESTS, model.run(REQUESTS), strict=True):
        near(answer, local("causal-lm-chat").run([request])[0])


@pytest.mark.parametrize(("begins", "bos"), [(False, "<s>"), (True, ""), (True, "<s>")])
def test_perplexity_where_texts_begin_with_a_token(serve, connect, checkpoint, local, begins, bos):
    server = serve(Scripts(checkpoint("causal-lm"), begins=begins).echo)
    model = connect(server, scoring="auto", api="completions", bos=bos)
    assert Perplexity in model.capabilities.kinds
    requests = [Perplexity(text) for text in TEXTS]
    for request, answer in zip(requests, model.run(requests), strict=True):
        near(answer, local("causal-lm").run([request])[0])


def test_without_a_first_token_perplexity_is_not_offered(serve, connect, checkpoint):
    server = serve(Scripts(checkpoint("causal-lm")).echo)
    model = connect(server, scoring="auto", api="completions")
    (answer,) = model.run([Perplexity("text")])
    assert "set bos" in answer.error
    (answer,) = model.run([LogLikelihood((), "text")])
    assert "set bos" in answer.error


def test_a_bos_that_is_no_token_is_refused(serve, connect, checkpoint):
    server = serve(Scripts(checkpoint("causal-lm")).echo)
    with pytest.raises(UsageError, match="bos='<begin>' is not one token of the model m"):
        connect(server, scoring="auto", api="completions", bos="<begin>")


def test_conversations_by_chat_and_texts_by_echo(serve, connect, checkpoint, local):
    server = serve(Scripts(checkpoint("causal-lm-chat")).both)
    model = connect(server, scoring="auto", bos="<s>")
    assert model.capabilities.kinds == {Generate, LogLikelihood, Choice, Perplexity}
    near(model.run([REQUESTS[0]])[0], local("causal-lm-chat").run([REQUESTS[0]])[0])
    near(model.run([Perplexity(TEXTS[0])])[0], local("causal-lm-chat").run([Perplexity(TEXTS[0])])[0])


def test_a_server_that_scores_nothing_only_generates(serve, connect):
    server = serve(without_scoring(lambda call: Reply(body=chat("x"))))
    model = connect(server, scoring="auto")
    assert model.capabilities.kinds == {Generate}
    assert len(server.asked) == 2  # one question in each way, asked once
    for request in (REQUESTS[0], REQUESTS[2], Perplexity("text")):
        assert "does not tell log-probabilities" in model.run([request])[0].error


def test_a_server_that_ignores_what_it_does_not_know_only_generates(serve, connect):
    """As llama.cpp and Ollama do: the probe is answered, without the text and without log-probabilities."""

    def script(call):
        if "prompt" not in call.body:
            return Reply(body=chat("x"))
        choice = {"index": 0, "text": " four", "finish_reason": "length", "logprobs": None}
        return Reply(body={"choices": [choice], "usage": {"prompt_tokens": 5, "completion_tokens": 1}})

    model = connect(serve(script), scoring="auto")
    assert model.capabilities.kinds == {Generate}


def test_a_probe_that_fails_for_now_stops_the_start(serve, connect):
    server = serve(lambda call: Reply(503, refusal("loading")))
    with pytest.raises(
        ModelError, match=r"cannot find out whether the server scores prompts: HTTP 503.*scoring=off"
    ):
        connect(server, scoring="auto", retries=1)


def test_pictures_are_generated_where_text_alone_is_scored(serve, connect, checkpoint, pixel):
    scripts = Scripts(checkpoint("causal-lm-chat"))

    def script(call):
        if "prompt" in call.body:
            return scripts.echo(call)
        return Reply(400, refusal("?")) if "prompt_logprobs" in call.body else Reply(body=chat("red"))

    model = connect(serve(script), scoring="auto")
    assert Choice in model.capabilities.on(frozenset({"text"})).kinds
    assert model.capabilities.on(frozenset({"text", "image"})).kinds == {Generate}
    (answer,) = model.run([Choice((user(pixel, "What colour?"),), ("red", "blue"))])
    assert "text alone" in answer.error


def test_multiple_choice_falls_back_to_generation(serve, tmp_path, monkeypatch):
    """The whole way: with scoring the task compares options, without it reads an answer in words."""
    from mmbench_tasks.sentiment import Sentiment

    server = serve(without_scoring(lambda call: Reply(body=chat("positive"))))
    run = mmbench.evaluate(f"openai:m@{server.url}", Sentiment(), limit=6, out=tmp_path)
    assert run.manifest.status == "done"
    assert set(run.samples.prediction) == {"positive"}
    assert all("messages" in call.body for call in server.asked[2:])


def test_an_option_without_tokens_is_an_error(serve, connect, checkpoint):
    server = serve(Scripts(checkpoint("causal-lm")).echo)
    model = connect(server, scoring="auto", api="completions")
    (answer,) = model.run([Choice((user("a\n"),), ("red", ""))])
    assert "without tokens" in answer.error


def test_the_picture_goes_with_every_option(serve, connect, pixel):
    told = [None, *({str(n): {"logprob": -1.0}} for n in range(3))]

    def script(call):
        if "prompt" in call.body:
            return Reply(404, refusal("no"))
        tokens = (
            told if call.body["add_generation_prompt"] else [*told, {str(len(call.prompt)): {"logprob": -2.0}}]
        )
        usage = {"prompt_tokens": len(tokens), "completion_tokens": 1}
        return Reply(body=chat("x", "length", prompt_logprobs=tokens, usage=usage))

    server = serve(script)
    model = connect(server, scoring="auto")
    (answer,) = model.run([Choice((user(pixel, "colour?"),), ("red", "blue"))])
    assert (answer.logprobs, answer.tokens, answer.input_tokens) == ((-2.0, -2.0), (1, 1), 4)
    sent = [call.body["messages"] for call in server.asked[-3:]]
    assert all(turns[0]["content"][0]["type"] == "image_url" for turns in sent)
    assert [turns[-1]["content"] for turns in sent[1:]] == ["red", "blue"]


@pytest.fixture
def pixel():
    import io

    import PIL.Image

    stream = io.BytesIO()
    PIL.Image.new("RGB", (2, 2), "red").save(stream, "PNG")
    return Image(stream.getvalue())


def test_generated_tokens_carry_log_probabilities_where_asked(serve, connect):
    body = chat("two words")
    body["choices"][0]["logprobs"] = {
        "content": [{"token": "two", "logprob": -0.25}, {"token": " w", "logprob": -1.5}]
    }
    server = serve(lambda call: Reply(body=body))
    (answer,) = connect(server, logprobs=True).run([ask("q")])
    assert answer.logprobs == (-0.25, -1.5)
    assert server.asked[0].body["logprobs"] is True
    assert connect(server).run([ask("q")])[0].logprobs == ()
    assert "logprobs" not in server.asked[1].body


def test_log_probabilities_that_were_asked_but_not_given_are_missed(serve, connect):
    server = serve(lambda call: Reply(body=chat("x")))
    (answer,) = connect(server, logprobs=True).run([ask("q")])
    assert answer.error == "the server tells no log-probabilities; leave out logprobs."
    assert len(server.asked) == 1


def test_plain_generation_continues_the_text(serve, connect):
    def script(call):
        told = {"tokens": [" red", "."], "token_logprobs": [-0.5, -0.75]}
        choice = {"index": 0, "text": " red.\nNext", "finish_reason": "stop", "logprobs": told}
        return Reply(body={"choices": [choice], "usage": {"prompt_tokens": 9, "completion_tokens": 2}})

    server = serve(script)
    model = connect(server, api="completions", logprobs=True)
    talk = (user("Q: one?"), assistant("two"), user("Q: three? Answer:"))
    (answer,) = model.run([Generate(talk, stop=("\n",))])
    assert (answer.text, answer.logprobs, answer.tokens) == (" red.", (-0.5, -0.75), (2,))
    assert server.asked[0].path == "/v1/completions"
    assert server.asked[0].body["prompt"] == "Q: one?\ntwo\n\nQ: three? Answer:"
