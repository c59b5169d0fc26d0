"""What every file of the library has in common; that each passes the audit is test_check's business."""

import ast
import doctest
import importlib

import pytest

import rewards
from rewards.registry import LIBRARY


@pytest.mark.parametrize("name", rewards.names())
def test_every_reward_file_is_short_and_documented(name):
    path = LIBRARY / f"{name}.py"
    tree = ast.parse(path.read_text())
    reward = rewards.load(name)
    assert 20 <= len(path.read_text().splitlines()) <= 150
    assert ast.get_docstring(tree)
    for word in (">>>", "Source", "Known hack"):
        assert word in reward.doc, f"{name} lacks {word}"


@pytest.mark.parametrize("name", rewards.names())
def test_the_examples_in_its_docstring_hold(name):
    module = importlib.import_module(f"rewards.library.{name}")
    tests = doctest.DocTestParser().get_doctest(rewards.load(name).doc, dict(vars(module)), name, module.__file__, 0)
    assert tests.examples
    assert doctest.DocTestRunner().run(tests).failed == 0
