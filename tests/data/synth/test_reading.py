"""JSON as models write it."""

import json

import jsonschema
import pytest

from data.synth import Form, Nonsense

FORM = Form(("a",))
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
    said = FORM.read(reply)
    assert not isinstance(said, Nonsense)
    assert said["a"] == text.strip()


def test_what_json_escapes_comes_back_whole() -> None:
    for text in ('\\"', "a\\b", "\\\\", "\\frac", "\b\f\n\r\t", "C:\\temp\\new", "é\u2028𝛼"):
        said = FORM.read(json.dumps({"a": f"x{text}x"}))
        assert not isinstance(said, Nonsense)
        assert said["a"] == f"x{text}x"


@pytest.mark.parametrize("reply", ["", "x", '{"a": "x', '{"b": 1}', '[{"b": {"a": 1}}]', "{" * 5000, '["a"]', '"a"'])
def test_where_there_is_none_it_says_so(reply: str) -> None:
    assert FORM.read(reply) == Nonsense("no JSON", "wanted an object with a")


def test_values_are_texts() -> None:
    given = {"a": " x ", "b": 12, "c": 0.5}
    assert Form(("a", "b", "c")).read(json.dumps(given)) == {"a": "x", "b": "12", "c": "0.5"}
    for empty in ("", "  ", None, [], {}, ["x"]):
        assert Form(("a", "b")).read(json.dumps({"a": "x", "b": empty})) == Nonsense("a key is empty", "b")


def test_what_the_schema_wants_the_parser_reads() -> None:
    form = Form(("a",), {"b": 2, "c": 3}, optional=("c",))
    whole = {"a": "x", "b": ["y"], "c": []}
    jsonschema.validate(whole, form.schema)
    assert form.read(json.dumps(whole)) == whole
    for wrong in ({"a": "x", "b": ["y"]}, {**whole, "b": ["y"] * 3}, {**whole, "d": 1}, {**whole, "a": 1}):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(wrong, form.schema)
    assert form.read('{"a": "x", "b": []}') == {"a": "x", "b": []}
    assert form.read('{"a": "x"}') == Nonsense("no JSON", "wanted an object with a, b")
