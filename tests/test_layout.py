"""The layout's own promises: our packages win over foreign ones of the same name, wherever they lie."""

import ast
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["setuptools"]["packages"]
SCRIPTS = [path for package in PACKAGES for path in (ROOT / package).glob("train.py")]


def path_statements(script: Path) -> list[str]:
    """The statements of an entry script that come between the standard library's imports and ours."""
    tree = ast.parse(script.read_text())
    assert ast.get_docstring(tree)
    imports = [ast.Import, ast.ImportFrom]
    body = tree.body[1:]
    foreign = next(i for i, node in enumerate(body) if type(node) in imports and named(node)[0] in PACKAGES)
    return [ast.unparse(node) for node in body[:foreign]]


def named(node: ast.AST) -> list[str]:
    names = [alias.name for alias in node.names] if isinstance(node, ast.Import) else [node.module or ""]
    return [name.split(".")[0] for name in names]


def test_the_entry_scripts_share_one_way_to_their_packages() -> None:
    assert [script.parent.name for script in SCRIPTS] == ["rlvr", "sft"]
    first, *others = [path_statements(script) for script in SCRIPTS]
    assert any("sys.path[:] = " in statement for statement in first)
    for other in others:
        assert other == first


def test_no_module_bears_a_name_of_the_standard_library() -> None:
    modules = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py")]
    assert len(modules) > 50
    at_the_top = {path.parent for path in modules if path.parent.parent == ROOT}
    for path in modules:
        if path.parent in at_the_top:  # these folders may stand on sys.path
            assert path.stem not in sys.stdlib_module_names, path


@pytest.fixture
def foreign(tmp_path: Path) -> Path:
    """A folder with packages of our names, as a wheel or another project may bring them; each fails when imported."""
    for name in PACKAGES:
        (tmp_path / "foreign" / name).mkdir(parents=True)
        (tmp_path / "foreign" / name / "__init__.py").write_text(f"raise SystemExit('a foreign {name} was imported')")
    return tmp_path / "foreign"


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.parent.name)
@pytest.mark.parametrize("where", ["on PYTHONPATH", "in the working directory", "both"])
def test_foreign_packages_of_our_names_do_not_win(foreign: Path, script: Path, where: str) -> None:
    """The script judges a recipe, for which it needs all packages but the trainers."""
    recipe = ROOT / "recipes" / ("grpo_med.yaml" if script.parent.name == "rlvr" else "sft_med.yaml")
    environment = {**os.environ, "PYTHONPATH": "" if where == "in the working directory" else str(foreign)}
    done = subprocess.run(
        [sys.executable, str(script), str(recipe), "--check"],
        cwd=ROOT if where == "on PYTHONPATH" else foreign,
        env=environment,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.parent.name)
def test_every_name_resolves_inside_the_checkout(foreign: Path, script: Path) -> None:
    """Without running the packages: the script's own statements, then where Python would look."""
    statements = "\n".join(path_statements(script))
    ask = f"import importlib.util as u\nfor n in {PACKAGES}: print(u.find_spec(n).submodule_search_locations[0])"
    probe = foreign / "probe.py"
    as_script = f"__file__ = {str(script)!r}\nimport sys\nsys.path[0] = {str(script.parent)!r}"
    probe.write_text(f"{as_script}\n{statements}\n{ask}\n")
    done = subprocess.run(
        [sys.executable, str(probe)],
        cwd=foreign,
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(foreign), str(script.parent)])},
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stdout.split() == [str(ROOT / name) for name in PACKAGES], done.stderr


@pytest.mark.parametrize("package", [name for name in PACKAGES if name not in ("rlvr", "sft")])
def test_light_packages_import_nothing_heavy(package: str) -> None:
    heavy = ["torch", "transformers", "trl", "vllm", "datasets", "accelerate", "matplotlib"]
    code = f"import sys, {package}; print([name for name in {heavy} if name in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=60)
    assert done.stdout.strip() == "[]", done.stderr
