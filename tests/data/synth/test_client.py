"""The client against an endpoint that misbehaves: what is tried again, waited for, kept, paid and given up."""

import asyncio
import base64
import io
import json
import time
from email.utils import formatdate
from pathlib import Path
from typing import Any

import pytest
from PIL import Image, PngImagePlugin

from data.clean import Drop
from data.synth import Ask, Form, Nonsense, client
from data.synth.client import Client, Sampling, Unanswered, unusable
from data.synth.client import Endpoint as Address
from data.synth.replies import Replies, Reply
from data.synth.wording import Prompt
from recipes import BadInput

from .conftest import Endpoint, asked, completion

PROMPT = Prompt("p", "1", (("system", "be brief"), ("user", "$x")), "hash1")


def ask(
    endpoint: Endpoint, folder: Path, *texts: str, sampling: Sampling | None = None, prompt: Prompt = PROMPT, **how
):
    """The replies to these texts, asked at once."""

    async def _all(one: Client) -> list[Reply | Drop]:
        try:
            return list(await asyncio.gather(*(one.ask(Ask(prompt, {"x": text})) for text in texts)))
        finally:
            await one.close()

    kept = Replies(folder)
    try:
        return asyncio.run(_all(Client(Address(endpoint.url, "m", **how), sampling or Sampling(), kept)))
    finally:
        kept.close()


def test_it_sends_what_the_prompt_and_the_settings_say(endpoint: Endpoint, tmp_path: Path) -> None:
    [reply] = ask(endpoint, tmp_path, "why $x?", sampling=Sampling(0.7, 0.9, 33, seed=5))
    assert reply == Reply("fine", "stop", 100, 10)
    [body] = endpoint.bodies
    assert body["messages"] == [{"role": "system", "content": "be brief"}, {"role": "user", "content": "why $x?"}]
    settings = {key: value for key, value in body.items() if key != "messages"}
    assert settings == {"model": "m", "temperature": 0.7, "top_p": 0.9, "max_tokens": 33, "seed": 5}
    assert endpoint.keys == [None]


def test_the_schema_goes_to_an_endpoint_that_keeps_to_it(tmp_path: Path) -> None:
    def body(*forms: Form, **how: Any) -> tuple[dict[str, Any], str]:
        return Client(Address("http://localhost", "m", **how), Sampling(), kept).request(
            Ask(PROMPT, {"x": "y"}, (), forms)
        )

    kept, one, other = Replies(tmp_path), Form(("reasoning",)), Form(("error",))
    free, key = body(one)
    assert "response_format" not in free
    bound, bound_key = body(one, constrain=True)
    assert bound["response_format"]["json_schema"]["schema"] == one.schema
    assert bound_key != key  # else a free reply would pass for one that kept to it
    both, _ = body(one, other, constrain=True)
    assert both["response_format"]["json_schema"]["schema"] == {"anyOf": [one.schema, other.schema]}
    assert body(constrain=True) == body()
    kept.close()


def test_a_picture_goes_as_its_pixels_alone() -> None:
    named, file = PngImagePlugin.PngInfo(), io.BytesIO()
    named.add_text("PatientName", "Somebody")
    exif = Image.Exif()
    exif[0x010E] = "Somebody Else"
    Image.new("RGB", (6, 5), (9, 8, 7)).save(file, "PNG", pnginfo=named, exif=exif)
    said = client.messages(Ask(PROMPT, {"x": "look"}, [Image.open(file)]))
    [picture, text] = said[-1]["content"]
    sent = base64.b64decode(picture["image_url"]["url"].removeprefix("data:image/png;base64,"))
    assert b"Somebody" not in sent
    assert Image.open(io.BytesIO(sent)).getpixel((3, 3)) == (9, 8, 7)
    assert text == {"type": "text", "text": "look"}


PASSING = {
    "busy": lambda body, nth: (503, {}) if nth < 2 else "fine",
    "slow down": lambda body, nth: (429, {}) if nth < 2 else "fine",
    "error": lambda body, nth: (500, {}) if nth < 2 else "fine",
    "cut connection": lambda body, nth: "cut" if nth < 2 else "fine",
    "no completion": lambda body, nth: {"nothing": 1} if nth < 2 else "fine",
    "odd content": lambda body, nth: completion(["list"]) if nth < 2 else "fine",  # type: ignore[arg-type]
    "timeout": lambda body, nth: time.sleep(0.6) or "late" if nth < 2 else "fine",
}


@pytest.mark.parametrize("script", PASSING.values(), ids=PASSING)
def test_what_may_pass_is_tried_again(endpoint: Endpoint, tmp_path: Path, script) -> None:
    endpoint.script = script
    [reply] = ask(endpoint, tmp_path, "x", timeout_s=0.3)
    assert (reply.text, len(endpoint.bodies)) == ("fine", 3)


@pytest.mark.parametrize("date", [False, True], ids=["seconds", "date"])
def test_all_wait_as_long_as_the_endpoint_asks(endpoint: Endpoint, tmp_path: Path, date: bool) -> None:
    """While one request is told to wait no other starts either."""

    def said(body: dict, nth: int):
        if len(endpoint.bodies) > 1:
            return "fine"
        return 429, {"Retry-After": formatdate(time.time() + 2, usegmt=True) if date else "1"}

    endpoint.script = said
    replies = ask(endpoint, tmp_path, "a", "b", "c", at_once=1)
    assert [reply.text for reply in replies] == ["fine"] * 3
    assert endpoint.times[1] - endpoint.times[0] > 0.9


def test_an_endpoint_that_asks_for_an_hour_is_not_waited_for(endpoint: Endpoint, tmp_path: Path) -> None:
    endpoint.script = lambda body, nth: (429, {"Retry-After": "3600"})
    assert ask(endpoint, tmp_path, "x") == [Unanswered("the endpoint asks to wait too long", "3600 s")]


def test_it_gives_up_in_the_end_and_keeps_nothing(endpoint: Endpoint, tmp_path: Path) -> None:
    endpoint.script = lambda body, nth: (503, {})
    assert ask(endpoint, tmp_path, "x", tries=3) == [Unanswered("no answer", "503 Service Unavailable (after 3 tries)")]
    endpoint.script = lambda body, nth: "fine"
    [reply] = ask(endpoint, tmp_path, "x")
    assert (reply.text, reply.cached) == ("fine", False)


def test_a_refused_prompt_is_its_rows_fault_and_its_words_are_not_told(endpoint: Endpoint, tmp_path: Path) -> None:
    endpoint.script = lambda body, nth: (400, {}) if asked(body) == "long" else "fine"
    refused, fine = ask(endpoint, tmp_path, "long", "short")
    assert refused == Unanswered("the endpoint refused the request (400)")
    assert fine.text == "fine"
    assert len(endpoint.bodies) == 2


@pytest.mark.parametrize("status", [401, 403, 404])
def test_what_is_no_prompts_fault_stops(endpoint: Endpoint, tmp_path: Path, status: int) -> None:
    endpoint.script = lambda body, nth: (status, {})
    with pytest.raises(BadInput, match=rf"answered {status} .*; check --base-url, --model and --key-env"):
        ask(endpoint, tmp_path, "x")


def test_no_reply_is_paid_twice(endpoint: Endpoint, tmp_path: Path) -> None:
    first = ask(endpoint, tmp_path, "x", "x", "y")  # two at once that are the same
    assert len(endpoint.bodies) == 2
    assert [reply.cached for reply in first] == [False, True, False]
    again = ask(endpoint, tmp_path, "x", "y")
    assert len(endpoint.bodies) == 2
    assert again == [Reply("fine", "stop", 100, 10, cached=True)] * 2


def test_other_words_settings_or_prompts_are_asked_anew(endpoint: Endpoint, tmp_path: Path) -> None:
    ask(endpoint, tmp_path, "x")
    ask(endpoint, tmp_path, "x", sampling=Sampling(seed=1))
    ask(endpoint, tmp_path, "x", prompt=Prompt("p", "2", PROMPT.turns, "hash2"))
    assert len(endpoint.bodies) == 3


def test_a_torn_line_costs_one_reply(endpoint: Endpoint, tmp_path: Path) -> None:
    ask(endpoint, tmp_path, "x")
    ask(endpoint, tmp_path, "y")
    file = tmp_path / "replies.jsonl"
    file.write_bytes(file.read_bytes()[:-9])
    assert [reply.cached for reply in ask(endpoint, tmp_path, "x", "y")] == [True, False]
    assert [reply.cached for reply in ask(endpoint, tmp_path, "x", "y")] == [True, True]
    assert [json.loads(line)["text"] for line in file.read_text().splitlines()] == ["fine", "fine"]


def test_a_cache_has_one_writer(tmp_path: Path) -> None:
    kept = Replies(tmp_path)
    with pytest.raises(BadInput, match="another process writes it"):
        Replies(tmp_path)
    kept.close()
    Replies(tmp_path).close()
    (tmp_path / "file").write_text("")
    with pytest.raises(BadInput, match="cannot be written"):
        Replies(tmp_path / "file")


def test_no_more_requests_at_once_and_no_faster_than_told(endpoint: Endpoint, tmp_path: Path) -> None:
    endpoint.script = lambda body, nth: time.sleep(0.1) or "fine"
    ask(endpoint, tmp_path, *"abcdefgh", at_once=3)
    assert endpoint.most_under_way == 3
    endpoint.times.clear()
    ask(endpoint, tmp_path, *"ijklm", at_once=5, per_minute=600)
    gaps = [later - sooner for sooner, later in zip(endpoint.times, endpoint.times[1:], strict=False)]
    assert sum(gaps) > 0.35  # 4 gaps of 0.1 s


def test_the_key_comes_from_the_environment_and_is_written_nowhere(
    endpoint: Endpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SYNTH_TEST_KEY", "made-up-value")
    ask(endpoint, tmp_path, "x", key_env="SYNTH_TEST_KEY")
    assert endpoint.keys == ["Bearer made-up-value"]
    assert "made-up-value" not in (tmp_path / "replies.jsonl").read_text()
    monkeypatch.delenv("SYNTH_TEST_KEY")
    with pytest.raises(BadInput, match="SYNTH_TEST_KEY .* is not set"):
        ask(endpoint, tmp_path, "x", key_env="SYNTH_TEST_KEY")


@pytest.mark.parametrize("url", ["localhost:8000", "ftp://x/v1", "http://", "http://x:port/v1"])
def test_what_is_no_address_is_said(tmp_path: Path, url: str) -> None:
    kept = Replies(tmp_path)
    with pytest.raises(BadInput, match="--base-url is such as"):
        Client(Address(url, "m"), Sampling(), kept)
    kept.close()


def test_replies_that_cannot_be_read_are_named() -> None:
    assert unusable(Reply("", "stop")) == Nonsense("empty reply")
    assert unusable(Reply("half a", "length")) == Nonsense("cut off", "raise --max-tokens")
    assert (
        unusable(Reply("I cannot", "refusal")) == unusable(Reply("", "content_filter")) == Nonsense("the model refused")
    )
    assert unusable(Reply("whole", "stop")) is None


def test_costs_are_of_a_million_tokens() -> None:
    assert Address("u", "m", price_in=2.5, price_out=10).cost(1_000_000, 100_000) == pytest.approx(3.5)
