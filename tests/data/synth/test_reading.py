"""JSON as models write it."""

import json

import pytest

from data.synth import Nonsense, json_of, texts_of

READ = {
    r'{"a": "x"}': "x",
    'Sure:\n```json\n{"a": "x"}\n```\nDone {}.': "x",
    '{"a": "draft"} better: {"a": "x"}': "x",
    '<think>{"a": "thought"}</think>{"a": "x"}': "x",
    '{"a": "two\nlines"}': "two\nlines",
    r'{"a": "two\nlines\tand a tab"}': "two\nlines\tand a tab",
    r'{"a": "\nthe \net \nuse \rhythm \talks \table"}': "\nthe \net \nuse \rhythm \talks \table",
    r'{"a": "\frac{1}{2} \text{mg} \times \rho \beta \neq \nu"}': r"\frac{1}{2} \text{mg} \times \rho \beta \neq \nu",
    r'{"a": "\\frac{1}{2} \\text{mg} \\\\ \\alpha"}': r"\frac{1}{2} \text{mg} \\ \alpha",
    r'{"a": "\alpha \( 5\% \)"}': r"\alpha \( 5\% \)",
    r'{"a": "\upsilon \u00e9"}': r"\upsilon é",
    r'{"a": "a \"word\" and a \/"}': 'a "word" and a /',
    "$x_{" * 40 + '{"a": "x"}': "x",
}


@pytest.mark.parametrize(("reply", "text"), READ.items())
def test_the_object_is_found_and_its_text_is_what_was_meant(reply: str, text: str) -> None:
    said = json_of(reply, "a")
    assert not isinstance(said, Nonsense)
    assert said["a"] == text


def test_what_json_escapes_comes_back_whole() -> None:
    for text in ('\\"', "a\\b", "\\\\", "\\frac", "\b\f\n\r\t", "C:\\temp\\new", "é\u2028𝛼"):
        said = json_of(json.dumps({"a": text}), "a")
        assert not isinstance(said, Nonsense)
        assert said["a"] == text


@pytest.mark.parametrize("reply", ["", "x", '{"a": "x', '{"b": 1}', '[{"b": {"a": 1}}]', "{" * 5000, '["a"]', '"a"'])
def test_where_there_is_none_it_says_so(reply: str) -> None:
    assert json_of(reply, "a") == Nonsense("no JSON", "wanted an object with a")


def test_values_are_texts() -> None:
    assert texts_of({"a": " x ", "b": 12, "c": 0.5}, "a", "b", "c") == ["x", "12", "0.5"]
    for empty in ("", "  ", None, [], {}, ["x"]):
        assert texts_of({"a": "x", "b": empty}, "a", "b") == Nonsense("a key is empty", "b")
