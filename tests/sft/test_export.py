"""Checkpoints that leave this machine: what goes along, what stays, and how they are pushed and made smaller."""

import base64
import json
import os
import shutil
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from recipes import ROOT, BadInput, folder
from sft import export

TOKEN = "hf_aSecretThatNobodyMaySee"
STAYS = ("training_args.bin", "optimizer.pt", "trainer_state.json", "rng_state.pth", "run.log", "notes.txt")


@pytest.fixture
def final(load, checkpoint: Path, tmp_path: Path) -> Path:
    """checkpoints/final of a run, and beside the weights what trainers and people leave there."""
    from sft import card

    recipe = load("MODEL", f"{{name: {checkpoint}}}")
    run = folder.claim(tmp_path / "base", recipe.resolved())
    folder.write_versions(run, recipe.run.seed)
    place = run / "checkpoints" / "final"
    shutil.copytree(checkpoint, place)
    for name in STAYS:
        (place / name).write_text(f"of {Path.home()} and {tmp_path}")
    corpus = {
        "use": "built",
        "path": "outputs/data/x",
        "split": "train",
        "rows": 3,
        "folder": str(ROOT / "outputs/data/x"),
    }
    made = card.lineage(recipe, run, start=str(checkpoint), data=[corpus], note=f"in {ROOT}/outputs/x")
    card.write(place, made, results=f"read {recipe.path} and {ROOT}/docs/results.md")
    folder.finish(run, made)
    return place


def exported(*words: Any, **environment: str) -> subprocess.CompletedProcess[str]:
    """The command as it is typed."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("HF_")}
    command = [sys.executable, "-m", "sft.export", *map(str, words)]
    return subprocess.run(command, cwd=ROOT, env={**clean, **environment}, capture_output=True, text=True, timeout=300)


def texts(place: Path) -> str:
    return "\n".join(path.read_bytes().decode("utf-8", "replace") for path in place.iterdir())


def test_what_a_checkpoint_is_made_of_goes_along_and_nothing_else(final: Path, tmp_path: Path) -> None:
    assert export.main([str(final.parents[1]), "--out", str(tmp_path / "out")]) == 0
    left_behind = {path.name for path in final.iterdir()} - {path.name for path in (tmp_path / "out").iterdir()}
    assert left_behind == set(STAYS)
    for path in (tmp_path / "out").iterdir():
        assert not path.is_symlink()
        if path.name not in ("README.md", "lineage.json"):
            assert path.read_bytes() == (final / path.name).read_bytes()
    assert not [path for path in tmp_path.iterdir() if path.name.startswith(".export")]


def test_card_and_lineage_name_no_place_of_this_machine(final: Path, tmp_path: Path, checkpoint: Path) -> None:
    assert str(tmp_path) in texts(final)
    assert str(checkpoint) in texts(final)
    export.main([str(final), "--out", str(tmp_path / "out")])
    for private in (str(tmp_path), str(checkpoint.parent), f"{ROOT}/", f"{Path.home()}/"):
        assert private not in texts(tmp_path / "out")
    before, after = (json.loads((place / "lineage.json").read_text()) for place in (final, tmp_path / "out"))
    assert before["recipe"] == f"{tmp_path}/r.yaml"
    assert (after["recipe"], after["parents"], after["data"][0]["folder"]) == ("r.yaml", ["model"], "outputs/data/x")
    assert after["note"] == "in outputs/x"
    assert after["resolved"]["model"] == {**before["resolved"]["model"], "name": "model"}
    for unchanged in ("seed", "git", "packages", "hardware", "metrics", "ancestors"):
        assert after[unchanged] == before[unchanged]
    page = (tmp_path / "out" / "README.md").read_text()
    assert "from the recipe `r.yaml`" in page
    assert "read r.yaml and docs/results.md" in page


def test_weights_in_bfloat16_are_the_same_rounded_and_the_lineage_says_so(final: Path, tmp_path: Path) -> None:
    import torch

    from sft.models import load_model

    export.main([str(final), "--out", str(tmp_path / "half"), "--format", "BF16"])
    whole = load_model(str(final)).state_dict()
    half = load_model(str(tmp_path / "half"), dtype=torch.bfloat16).state_dict()
    assert json.loads((tmp_path / "half" / "config.json").read_text())["dtype"] == "bfloat16"
    assert whole.keys() == half.keys()
    for name, tensor in half.items():
        assert torch.equal(tensor, whole[name].to(torch.bfloat16))
    size = (final / "model.safetensors").stat().st_size
    assert (tmp_path / "half" / "model.safetensors").stat().st_size < 0.6 * size
    made = json.loads((tmp_path / "half" / "lineage.json").read_text())
    assert [one["format"] for one in made["exports"]] == ["BF16"]
    assert "## Export\nBF16, by transformers" in (tmp_path / "half" / "README.md").read_text()
    export.main([str(tmp_path / "half"), "--out", str(tmp_path / "again"), "--format", "BF16"])
    assert len(json.loads((tmp_path / "again" / "lineage.json").read_text())["exports"]) == 2


class Requests(BaseHTTPRequestHandler):
    """The hub, as far as an upload of a folder needs it: repositories, large files, commits."""

    hub: "StandIn"

    def do_GET(self) -> None:
        if self.hub.status != 200:
            return self._say({"error": "no"}, self.hub.status)
        if "/tree/" in self.path:
            return self._say([{"type": "file", "path": name, "size": 1, "oid": "0"} for name in self.hub.there])
        self._say({"id": "ward/tiny", "private": self.hub.private, "siblings": []})

    def do_POST(self) -> None:
        sent = self.rfile.read(int(self.headers["Content-Length"]))
        self.hub.tokens.add(self.headers["Authorization"])
        if self.hub.status != 200:
            return self._say({"error": "no"}, self.hub.status)
        if self.path == "/api/repos/create":
            self.hub.made.append(json.loads(sent))
            if self.hub.private is not None:
                return self._say(
                    {"error": "You already created this model repo", "url": f"{self.hub.url}/ward/tiny"}, 409
                )
            self.hub.private = json.loads(sent)["visibility"] == "private"
            return self._say({"url": f"{self.hub.url}/ward/tiny"})
        if self.path == "/api/validate-yaml":
            return self._say({"errors": [], "warnings": []})
        if "/preupload/" in self.path:
            names = [one["path"] for one in json.loads(sent)["files"]]
            large = {True: "lfs", False: "regular"}
            modes = [{"path": name, "uploadMode": large[name.endswith(".safetensors")]} for name in names]
            return self._say({"files": [{**mode, "shouldIgnore": False} for mode in modes]})
        if self.path.endswith("/objects/batch"):
            at = [
                {**one, "actions": {"upload": {"href": f"{self.hub.url}/put/{one['oid']}"}}}
                for one in json.loads(sent)["objects"]
            ]
            return self._say({"transfer": "basic", "objects": at})
        assert "/commit/" in self.path
        for line in map(json.loads, sent.splitlines()):
            self.hub.commit(line["key"], line["value"])
        self._say({"commitUrl": f"{self.hub.url}/ward/tiny/commit/{'a' * 40}", "commitOid": "a" * 40})

    def do_PUT(self) -> None:
        self.hub.large[self.path.rpartition("/")[2]] = self.rfile.read(int(self.headers["Content-Length"]))
        self._say({})

    def _say(self, body: Any, status: int = 200) -> None:
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_: Any) -> None:
        pass


class StandIn:
    """A hub with one repository. private: None before it is made; there: the names of its files; status: of replies."""

    def __init__(self) -> None:
        self.private: bool | None = None
        self.status = 200
        self.there: list[str] = []
        self.files: dict[str, bytes] = {}
        self.large: dict[str, bytes] = {}
        self.made: list[dict[str, Any]] = []
        self.tokens: set[str] = set()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Requests,), {"hub": self}))
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        Thread(target=self._server.serve_forever, daemon=True).start()

    def commit(self, key: str, value: dict[str, Any]) -> None:
        if key == "file":
            self.files[value["path"]] = base64.b64decode(value["content"])
        if key == "lfsFile":
            self.files[value["path"]] = self.large[value["oid"]]
        if key == "deletedFile":
            self.there.remove(value["path"])

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def reached(self) -> dict[str, str]:
        """The environment that leads to it."""
        return {"HF_ENDPOINT": self.url, "HF_TOKEN": TOKEN, "HF_HUB_DISABLE_XET": "1"}


@pytest.fixture
def hub() -> Iterator[StandIn]:
    found = StandIn()
    yield found
    found.close()


def test_a_push_is_private_and_holds_what_an_export_holds(final: Path, tmp_path: Path, hub: StandIn) -> None:
    hub.there = ["model-00001-of-00002.safetensors", "notes.md"]
    done = exported(final.parents[1], "--push", "ward/tiny", **hub.reached)
    assert (done.returncode, done.stderr and TOKEN in done.stderr) == (0, False), done.stderr
    assert done.stdout == f"pushed to {hub.url}/ward/tiny/commit/{'a' * 40}\n"
    [made] = hub.made
    assert (made["name"], made["organization"], made["visibility"]) == ("tiny", "ward", "private")
    assert hub.tokens == {f"Bearer {TOKEN}"}
    export.main([str(final), "--out", str(tmp_path / "out")])
    assert hub.files == {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    assert hub.there == ["notes.md"]  # the weights of an earlier push are gone


def test_a_push_never_lands_in_a_public_repository_by_itself(final: Path, hub: StandIn) -> None:
    hub.private = False
    done = exported(final, "--push", "ward/tiny", **hub.reached)
    assert (done.returncode, hub.files) == (2, {}), done.stderr
    assert done.stderr == "error: --push ward/tiny: is a public repository; make it private there, or say --public\n"
    done = exported(final, "--push", "ward/tiny", "--public", **hub.reached)
    assert (done.returncode, "model.safetensors" in hub.files) == (0, True), done.stderr


@pytest.mark.parametrize(
    ("environment", "why"),
    [
        ({"HF_TOKEN": ""}, "no token for the hub; log in with `hf auth login`, or set HF_TOKEN"),
        ({"HF_ENDPOINT": "http://127.0.0.1:9"}, "the hub cannot be used: [Errno 111] Connection refused"),
        ({"HF_HUB_OFFLINE": "1"}, "offline mode is enabled"),
        ({"HF_TOKEN": f"\u00e9{TOKEN}"}, "the hub cannot be used: 'ascii' codec can't encode"),
        ({"status": "401"}, "401 Unauthorized"),
        ({"status": "403"}, "403 Forbidden"),
    ],
)
def test_without_token_or_hub_a_push_is_refused_in_one_line(
    final: Path, tmp_path: Path, hub: StandIn, environment: dict[str, str], why: str
) -> None:
    hub.status = int(environment.pop("status", "200"))
    home = {"HF_HOME": str(tmp_path / "nobody")}
    words = (final, "--out", tmp_path / "out", "--push", "ward/tiny")
    done = exported(*words, **{**hub.reached, **home, **environment})
    assert done.returncode == 2
    [line] = done.stderr.splitlines()
    assert line.startswith("error: --push ward/tiny: ")
    assert why in line
    assert TOKEN not in done.stderr + done.stdout
    assert (hub.files, (tmp_path / "out").exists()) == ({}, False)  # refused before anything is written


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["FINAL"], "export to where?"),
        (["FINAL", "--out", "OUT/base"], "is there already; name a new folder"),
        (["FINAL", "--out", "OUT/r.yaml/x"], "cannot be made: "),
        (["OUT/nothing", "--out", "OUT/x"], "is neither a checkpoint's folder, nor a run's folder"),
        (
            ["owner/model", "--out", "OUT/x"],
            r"owner/model: holds no \*\.safetensors; name the folder of a finished run",
        ),
        (["BARE", "--out", "OUT/x"], "has no README.md, which tells what it is"),
    ],
)
def test_what_cannot_be_exported_is_refused(
    final: Path, checkpoint: Path, tmp_path: Path, words: list[str], why: str
) -> None:
    places = {"FINAL": str(final), "BARE": str(checkpoint)}
    with pytest.raises(BadInput, match=why):
        export.main([places.get(word, word).replace("OUT", str(tmp_path)) for word in words])
    assert not (tmp_path / "x").exists()


def test_what_is_quantised_is_not_quantised_again(final: Path, tmp_path: Path) -> None:
    config = json.loads((final / "config.json").read_text())
    (final / "config.json").write_text(json.dumps({**config, "quantization_config": {}}))
    with pytest.raises(BadInput, match="is quantised already; export what it was made from"):
        export.main([str(final), "--out", str(tmp_path / "out"), "--format", "BF16"])
    assert export.main([str(final), "--out", str(tmp_path / "out")]) == 0


def test_a_missing_quantiser_is_named_with_the_command_that_installs_it(
    final: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(export, "ASIDE", tmp_path / "quantise")
    why = f"llm-compressor is not installed; install it with: .* --target {tmp_path}/quantise llmcompressor==[0-9.]+ "
    with pytest.raises(BadInput, match=why):
        export.main([str(final), "--out", str(tmp_path / "out"), "--format", "W8A8"])


def test_the_quantiser_is_the_one_that_the_project_pins() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert tuple(project["optional-dependencies"]["quantise"]) == export.TOOLS
