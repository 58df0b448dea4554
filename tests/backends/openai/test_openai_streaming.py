"""Answers that come bit by bit are the answers that come at once, and tell the time to the first token."""

import json

import pytest
from fault_server import Reply, chat, pieces, refusal
from openai_helpers import ask, many
from toys import Addition

import mmbench


def event(**fields) -> bytes:
    return f"data: {json.dumps(fields)}\n\n".encode()


def test_pieces_become_one_answer_with_the_time_to_the_first_token(serve, connect):
    server = serve(lambda call: Reply(pieces=pieces("It is ", "bl", "ue."), delay=0.005))
    (answer,) = connect(server, stream=True).run([ask("q", max_tokens=9)])
    assert (answer.text, answer.finish_reason, answer.error) == ("It is blue.", "stop", None)
    assert (answer.input_tokens, answer.tokens) == (7, (3,))
    assert 0 < answer.first_token < answer.latency
    assert server.asked[0].body["stream"] is True
    assert server.asked[0].body["stream_options"] == {"include_usage": True}


def test_without_the_option_nothing_is_streamed(serve, connect):
    server = serve(lambda call: Reply(body=chat("x")))
    (answer,) = connect(server).run([ask("q")])
    assert "stream" not in server.asked[0].body
    assert answer.first_token is None


def test_thinking_counts_as_the_first_token_but_is_no_answer(serve, connect):
    events = [event(choices=[{"index": 0, "delta": {"reasoning_content": "hm"}, "finish_reason": None}])]
    server = serve(lambda call: Reply(pieces=events + pieces("5"), delay=0.01))
    (answer,) = connect(server, stream=True).run([ask("q")])
    assert answer.text == "5"
    assert answer.latency - answer.first_token > 0.03


def test_log_probabilities_are_put_together(serve, connect):
    def piece(text, value):
        told = {"content": [{"token": text, "logprob": value}]}
        return event(choices=[{"index": 0, "delta": {"content": text}, "finish_reason": None, "logprobs": told}])

    events = [piece("a", -0.5), piece("b", -0.25), *pieces()]
    server = serve(lambda call: Reply(pieces=events))
    (answer,) = connect(server, stream=True, logprobs=True).run([ask("q")])
    assert (answer.text, answer.logprobs) == ("ab", (-0.5, -0.25))


def test_plain_text_is_streamed_too(serve, connect):
    events = [event(choices=[{"index": 0, "text": text, "finish_reason": None}]) for text in ("one ", "two")]
    events.append(event(choices=[{"index": 0, "text": "", "finish_reason": "length"}]))
    server = serve(lambda call: Reply(pieces=[*events, b"data: [DONE]\n\n"]))
    (answer,) = connect(server, stream=True, api="completions").run([ask("q")])
    assert (answer.text, answer.finish_reason) == ("one two", "length")
    assert answer.first_token > 0


FAULTS = {
    "cut in the middle": Reply(pieces=pieces("half"), cut=2),
    "no end": Reply(pieces=pieces("half", finish=None)),
    "an error in the middle": Reply(pieces=[*pieces("half")[:2], event(**refusal("out of memory"))]),
    "no JSON": Reply(pieces=[b"data: {nonsense\n\n"]),
    "no object": Reply(pieces=[b"data: 5\n\n"]),
    "two choices": Reply(pieces=[event(choices=[{"index": 1, "delta": {"content": "b"}}]), *pieces("a")]),
    "a text that is none": Reply(pieces=[event(choices=[{"index": 0, "delta": {"content": 5}}]), *pieces("a")]),
    "not streamed at all": Reply(body=chat("whole")),
    "a status": Reply(500, refusal("oops")),
}


@pytest.mark.parametrize("fault", FAULTS.values(), ids=FAULTS)
def test_a_broken_stream_is_asked_again_and_never_an_answer(serve, connect, fault):
    server = serve(lambda call: fault if call.number == 0 else Reply(pieces=pieces("whole")))
    model = connect(server, stream=True, concurrency=1)
    answers = model.run(many(2))
    assert [(answer.text, answer.error) for answer in answers] == [("whole", None)] * 2
    assert len(server.asked) == 3
    broken = serve(lambda call: fault)
    (answer,) = connect(broken, stream=True, retries=1).run([ask("q")])
    assert (answer.text, answer.first_token) == ("", None)
    assert "asked 2 times" in answer.error


def test_a_run_tells_percentiles_and_finds_answers_that_were_not_streamed(serve, tmp_path):
    def script(call):
        a, b = call.prompt.rstrip("=").split("+")
        text = str(int(a) + int(b))
        return Reply(pieces=pieces(text)) if call.body.get("stream") else Reply(body=chat(text))

    server = serve(script)
    options = {"scoring": "off", "stream": True}
    run = mmbench.evaluate(f"openai:m@{server.url}", Addition(), out=tmp_path, model_options=options)
    work = run.manifest.tasks[0].efficiency
    assert 0 < work.first_token.p50 <= work.latency.p99
    assert (work.asked_input_tokens, work.asked_output_tokens) == (280, 40)
    assert run.entries[0].value == 1.0
    first = run.samples.responses.iloc[0][0]
    assert 0 < first["first_token"] <= first["latency"]
    mmbench.evaluate(f"openai:m@{server.url}", Addition(), out=tmp_path, model_options={"scoring": "off"})
    assert len(server.asked) == 40
