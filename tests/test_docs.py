"""The commands of the how-to's do what the text says, typed as they stand there, in their order."""

import importlib
import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
HEREDOC = re.compile(r"(?m)^(?:cat > .*<<'END'\n(?:.*\n)*?END|[^\n]+)$")
FAILS = "# exit 1"


def commands(text: str):
    """(language, text) of the blocks; those of the shell cut into commands."""
    for language, block in BLOCK.findall(text):
        if language == "bash":
            yield from (("bash", command) for command in HEREDOC.findall(block))
        elif block.startswith("# my_rewards.py"):
            yield "python", block


@pytest.fixture
def checkout(tmp_path):
    """A folder that looks like the checkout, in which files may be left."""
    for path in ROOT.iterdir():
        if path.name != "recipes" and not path.name.startswith("."):
            (tmp_path / path.name).symlink_to(path)
    subprocess.run(["cp", "-r", str(ROOT / "recipes"), str(tmp_path)], check=True)
    return tmp_path


@pytest.mark.parametrize("name", ["write_a_reward.md"])
def test_every_command_works(name, checkout):
    found = list(commands((ROOT / "docs" / name).read_text()))
    assert len(found) > 8
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    for language, text in found:
        if language == "python":
            (checkout / "my_rewards.py").write_text(text)
            continue
        done = subprocess.run(
            ["bash", "-c", text], cwd=checkout, capture_output=True, text=True, env={**os.environ, "PATH": path}
        )
        assert done.returncode == (FAILS in text), f"{text}\n{done.stdout[-1500:]}{done.stderr[-1500:]}"
        if "score answers.jsonl" in text:
            assert "1 rows on which" in done.stdout
            assert "--- 2" in done.stdout


PARSERS = {"eval": "eval.__main__", "data": "data.__main__"}
PARSERS |= {f"data {name}": f"data.{name}.__main__" for name in ("synth", "modality")}
TYPED = re.compile(r"^(?:\s*)python -m (data (?:synth|modality)|eval|data) ([^#\n]*)", re.MULTILINE)


@pytest.mark.parametrize("path", sorted([*ROOT.glob("docs/*.md"), ROOT / "README.md"]), ids=lambda path: path.name)
def test_commands_in_the_docs_are_commands(path):
    """Their flags exist; what they do is tested elsewhere."""
    for module, words in TYPED.findall(path.read_text().replace("\\\n", " ")):
        if "[" in words:  # a synopsis, not a command
            continue
        parser = importlib.import_module(PARSERS[module])._parser()
        parse = parser.parse_intermixed_args if module == "data synth" else parser.parse_args
        try:
            parse(shlex.split(words))
        except SystemExit as error:
            pytest.fail(f"python -m {module} {words}: exit {error.code}")
