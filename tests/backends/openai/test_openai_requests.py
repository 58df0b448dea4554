"""What goes to the server: messages, media, decoding parameters, and the user's own fields."""

import base64
import io

import numpy as np
import PIL.Image
import pytest
import soundfile
from fault_server import Reply, chat
from openai_helpers import ask

from mmbench.backends.openai import Address, Options, load
from mmbench.backends.openai.messages import picture_bytes, sound_bytes
from mmbench.errors import MediaError, UsageError
from mmbench.schema import Audio, Generate, Image, Video, assistant, message, user


def encoded(form: str, **settings) -> bytes:
    stream = io.BytesIO()
    picture = PIL.Image.new("RGB", (6, 4), "blue")
    picture.putpixel((0, 0), (255, 0, 0))
    picture.save(stream, form, **settings)
    return stream.getvalue()


def sound(form: str) -> bytes:
    stream = io.BytesIO()
    wave = np.sin(np.arange(800) / 8).astype(np.float32)
    soundfile.write(stream, wave, 8000, format=form)
    return stream.getvalue()


@pytest.fixture
def sent(serve, connect):
    """Send one request and return the body that arrived, and the answer."""

    def send(request, text="x", **options):
        server = serve(lambda call: Reply(body=chat(text)))
        (answer,) = connect(server, **options).run([request])
        return (server.asked[-1].body if server.asked else None), answer

    return send


def test_a_greedy_request(sent):
    body, answer = sent(Generate((user("What?"),), max_tokens=5, stop=("\n", "Q:"), seed=9))
    assert body == {
        "model": "m",
        "messages": [{"role": "user", "content": "What?"}],
        "max_tokens": 5,
        "temperature": 0.0,
        "stop": ["\n", "Q:"],
    }
    assert (answer.tokens, answer.input_tokens) == ((3,), 7)
    assert answer.latency > 0


def test_a_sampled_request_carries_its_seed(sent):
    body, _ = sent(ask("q", temperature=0.7, top_p=0.9, seed=11))
    assert (body["temperature"], body["top_p"], body["seed"]) == (0.7, 0.9, 11)


def test_roles_and_few_shot_turns(sent):
    talk = (message("system", "Be brief."), user("one", "two"), assistant("three"), user("four"))
    body, _ = sent(Generate(talk))
    assert body["messages"] == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "one\ntwo"},
        {"role": "assistant", "content": "three"},
        {"role": "user", "content": "four"},
    ]


def test_an_assistant_s_turn_cannot_be_continued_by_chat(sent):
    body, answer = sent(Generate((user("q"), assistant("The answer is"))))
    assert body is None
    assert "api=completions" in answer.error


@pytest.mark.parametrize(("form", "kind"), [("PNG", "png"), ("JPEG", "jpeg"), ("WEBP", "webp")])
def test_pictures_go_as_they_are(sent, form, kind):
    data = encoded(form)
    body, _ = sent(Generate((user(Image(data), "What colour?"),)))
    picture, text = body["messages"][0]["content"]
    assert text == {"type": "text", "text": "What colour?"}
    head, _, rest = picture["image_url"]["url"].partition(",")
    assert (picture["type"], head) == ("image_url", f"data:image/{kind};base64")
    assert base64.b64decode(rest) == data
    assert "detail" not in picture["image_url"]


def test_the_look_at_pictures_can_be_chosen(sent):
    body, _ = sent(Generate((user(Image(encoded("PNG")), "q"),)), detail="low")
    assert body["messages"][0]["content"][0]["image_url"]["detail"] == "low"


@pytest.mark.parametrize("form", ["BMP", "TIFF", "GIF", "PPM"])
def test_other_formats_become_png(form):
    kind, data = picture_bytes(Image(encoded(form)))
    assert kind == "image/png"
    with PIL.Image.open(io.BytesIO(data)) as picture:
        assert (picture.format, picture.size) == ("PNG", (6, 4))
        assert picture.convert("RGB").getpixel((5, 3)) == (0, 0, 255)


def test_a_turned_picture_is_turned_upright():
    exif = PIL.Image.Exif()
    exif[0x0112] = 6
    kind, data = picture_bytes(Image(encoded("JPEG", exif=exif)))
    with PIL.Image.open(io.BytesIO(data)) as picture:
        assert (kind, picture.size) == ("image/png", (4, 6))


def test_a_broken_picture_is_an_error_row_and_is_not_sent(sent):
    body, answer = sent(Generate((user(Image(b"no picture", "row 7"), "q"),)))
    assert body is None
    assert "row 7 is no picture" in answer.error


@pytest.mark.parametrize(("form", "kind"), [("WAV", "wav"), ("MP3", "mp3")])
def test_sounds_go_as_they_are(sent, form, kind):
    data = sound(form)
    body, _ = sent(Generate((user(Audio(data), "What is said?"),)))
    part = body["messages"][0]["content"][0]
    assert (part["type"], part["input_audio"]["format"]) == ("input_audio", kind)
    assert base64.b64decode(part["input_audio"]["data"]) == data


@pytest.mark.parametrize("form", ["FLAC", "OGG"])
def test_other_sounds_become_wav(form):
    kind, data = sound_bytes(Audio(sound(form)))
    wave, rate = soundfile.read(io.BytesIO(data))
    expected, _ = soundfile.read(io.BytesIO(sound(form)))
    assert (kind, rate, len(wave)) == ("wav", 8000, 800)
    assert np.abs(wave - expected.clip(-1, 1)).max() < 1e-3  # lossy formats overshoot 1


def test_a_broken_sound_is_told():
    with pytest.raises(MediaError, match="cannot decode sound row 3"):
        sound_bytes(Audio(b"noise", "row 3"))


def test_video_is_refused(sent):
    body, answer = sent(Generate((user(Video((Image(encoded("PNG")),)), "q"),)))
    assert body is None
    assert "no video" in answer.error


def test_what_a_server_writes_after_a_stop_string_is_cut(sent):
    _, answer = sent(ask("q", stop=("\n", "END")), text="blue END\nmore")
    assert (answer.text, answer.finish_reason) == ("blue ", "stop")


def test_servers_get_four_stop_strings_and_the_rest_is_cut_here(sent):
    body, answer = sent(ask("q", stop=("a", "b", "c", "d", "e")), text="xyez")
    assert body["stop"] == ["a", "b", "c", "d"]
    assert answer.text == "xy"


def test_the_user_s_fields_are_merged_and_null_takes_one_away(sent):
    body, _ = sent(ask("q"), extra={"reasoning_effort": "low", "temperature": None, "max_tokens": 99})
    assert body["reasoning_effort"] == "low"
    assert "temperature" not in body
    assert body["max_tokens"] == 99


def test_the_hosted_server_s_own_name_for_the_longest_answer(serve, connect, monkeypatch):
    monkeypatch.setattr(Address, "hosted", property(lambda self: True))
    monkeypatch.setenv("OPENAI_API_KEY", "k")
    server = serve(lambda call: Reply(body=chat("x")))
    connect(server).run([ask("q", max_tokens=5)])
    assert server.asked[0].body["max_completion_tokens"] == 5
    assert "max_tokens" not in server.asked[0].body


def test_addresses(monkeypatch):
    assert Address.parse("m@http://host:8000") == Address("m", "http://host:8000/v1")
    assert Address.parse("org/m@v2@HTTPS".lower() + "://Host/api/v3/") == Address(
        "org/m@v2", "https://host/api/v3"
    )
    assert Address.parse("@http://host/v1") == Address("", "http://host/v1")
    assert Address.parse("gpt-4o") == Address("gpt-4o", "https://api.openai.com/v1")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://elsewhere:1/v1")
    assert Address.parse("m") == Address("m", "http://elsewhere:1/v1")
    for wrong in ("", "http://host/v1", "m@http://"):
        with pytest.raises(UsageError):
            Address.parse(wrong)


def test_the_only_model_of_a_server_needs_no_name(serve, connect):
    server = serve(lambda call: Reply(body=chat("x")), models=[{"id": "org/only"}])
    model = connect(server, "")
    assert model.name == "org/only"
    model.run([ask("q")])
    assert server.asked[0].body["model"] == "org/only"
    several = serve(lambda call: Reply(body=chat("x")), models=[{"id": "a"}, {"id": "b"}])
    with pytest.raises(UsageError, match=r"which model\? .* has: a, b"):
        connect(several, "")


def test_fingerprints(serve, connect):
    """Equal for the same model on the same server, different for whatever may change an answer."""
    listed = [{"id": "m", "created": 1, "root": "/weights/a"}, {"id": "n"}]
    server = serve(lambda call: Reply(body=chat("x")), models=listed)
    first = connect(server).fingerprint
    listed_later = [{"id": "m", "created": 2, "root": "/weights/a"}]
    server.models = listed_later
    assert connect(server).fingerprint == first
    assert connect(server, concurrency=3, retries=1, timeout=5, max_requests=9).fingerprint == first
    server.models = [{"id": "m", "created": 2, "root": "/weights/b"}]
    assert connect(server).fingerprint != first
    server.models = listed_later
    changes = [
        {"revision": "2"}, {"api": "completions"}, {"logprobs": True}, {"detail": "low"}, {"extra": {"top_k": 1}}
    ]  # fmt: skip
    others = [connect(server, **change).fingerprint for change in changes]
    others += [connect(server, "n").fingerprint, connect(serve(lambda call: Reply(body=chat("x")))).fingerprint]
    assert len({first, *others}) == 1 + len(others)


@pytest.mark.parametrize(
    ("options", "reason"),
    [
        ({"concurency": 3}, "no option 'concurency'. Did you mean 'concurrency'"),
        ({"concurrency": 0}, "at least 1"),
        ({"concurrency": True}, "whole number"),
        ({"timeout": 0}, "timeout should be a number"),
        ({"timeout": "5"}, "timeout should be a number"),
        ({"max_cost": -1}, "max_cost"),
        ({"max_cost": float("inf")}, "max_cost"),
        ({"api": "chats"}, "Did you mean 'chat'"),
        ({"scoring": True}, "scoring has no value True"),
        ({"logprobs": 1}, "true or false"),
        ({"extra": "x"}, "JSON object"),
        ({"revision": 3}, "revision should be a text"),
        ({"retries": None}, "retries"),
    ],
)
def test_options_are_checked(options, reason):
    with pytest.raises(UsageError) as caught:
        load("m@http://127.0.0.1:9", **options)
    assert reason in str(caught.value)


def test_optional_values_may_be_none():
    assert Options.parse({"max_cost": None, "api_key_env": None, "seed": 3}) == Options(seed=3)


def test_loading_imports_nothing_heavy():
    import subprocess
    import sys

    code = (
        "import sys, mmbench.backends.openai, mmbench.backends.vllm;"
        "print({'openai', 'aiohttp', 'torch', 'transformers', 'vllm'} & set(sys.modules))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "set()"
