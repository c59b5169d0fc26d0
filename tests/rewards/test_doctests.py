"""The examples in the docstrings of the reader and of the rewards' own modules hold."""

import doctest
import importlib
import pkgutil

import pytest

import rewards

NAMES = [module.name for module in pkgutil.walk_packages(rewards.__path__, "rewards.") if "__main__" not in module.name]


@pytest.mark.parametrize("name", NAMES)
def test_examples_hold(name):
    assert doctest.testmod(importlib.import_module(name)).failed == 0


def test_there_are_examples():
    finder = doctest.DocTestFinder(exclude_empty=True)
    found = [test for name in NAMES for test in finder.find(importlib.import_module(name)) if test.examples]
    assert len(found) > 50
