"""Fetching from a hub, against a server on this machine that speaks its protocol."""

import hashlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import ClassVar

import pytest
import torch
from huggingface_hub import constants

from automl_nb.core.errors import WeightsError
from automl_nb.core.settings import FitSettings
from automl_nb.pipeline.backbones import check_backbones
from automl_nb.zoo import hub
from automl_nb.zoo.folder import read_folder
from automl_nb.zoo.load import forget_backbones, is_available, load_backbone, resolve

COMMIT = "0123456789abcdef0123456789abcdef01234567"


class Hub(BaseHTTPRequestHandler):
    """Serves the files of one repository, ``org/net``."""

    files: ClassVar[dict[str, bytes]] = {}
    asked: ClassVar[list[str]] = []

    def do_HEAD(self):
        self.answer(body=False)

    def do_GET(self):
        self.answer(body=True)

    def answer(self, *, body):
        path = self.path.partition("?")[0]
        self.asked.append(path)
        if path == "/":
            self.reply(b"hub", body)
        elif path.startswith("/api/models/org/net/tree/"):
            tree = [
                {"type": "file", "path": name, "size": len(content), "oid": name}
                for name, content in self.files.items()
            ]
            self.reply(json.dumps(tree).encode(), body, {"Content-Type": "application/json"})
        elif path.startswith("/api/models/org/net"):
            info = {
                "id": "org/net",
                "sha": COMMIT,
                "private": False,
                "tags": [],
                "downloads": 0,
                "likes": 0,
                "siblings": [{"rfilename": name} for name in self.files],
            }
            self.reply(json.dumps(info).encode(), body, {"Content-Type": "application/json"})
        elif path.rpartition("/")[2] in self.files and "/org/net/resolve/" in path:
            self.reply(self.files[path.rpartition("/")[2]], body)
        else:
            self.reply(b"no", body, {"X-Error-Code": "RepoNotFound"}, code=404)

    def reply(self, content, body, headers=(), code=200):
        self.send_response(code)
        self.send_header("ETag", f'"{hashlib.sha256(content).hexdigest()}"')
        self.send_header("X-Repo-Commit", COMMIT)
        self.send_header("Content-Length", str(len(content)))
        for name, value in dict(headers).items():
            self.send_header(name, value)
        self.end_headers()
        if body:
            self.wfile.write(content)

    def log_message(self, *_args):
        pass


@pytest.fixture
def files(monkeypatch, tmp_path):
    """What the hub holds; empty at first."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    monkeypatch.delenv("HF_HUB_OFFLINE")
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{server.server_port}")
    monkeypatch.setenv("AUTOML_NB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(hub, "_last_asked", {})
    monkeypatch.setattr(Hub, "files", {})
    monkeypatch.setattr(Hub, "asked", [])
    forget_backbones()
    yield Hub.files
    server.shutdown()
    server.server_close()


def some_network(tmp_path):
    folder = tmp_path / "made"
    backbone = load_backbone("minilm-l3")
    backbone.save(folder)
    return backbone, {path.name: path.read_bytes() for path in folder.iterdir()}


def test_any_hub_id_is_fetched_once_and_then_needs_no_network(files, tmp_path, monkeypatch, capfd):
    source, made = some_network(tmp_path)
    files.update(
        made, **{"README.md": b"hello", "evil.py": b"raise SystemExit", "tf_model.h5": b"x"}
    )
    card = resolve("org/net")
    assert (card.source, card.modality, card.dimension) == ("hub", "text", 384)
    assert card.revision == COMMIT
    assert not is_available(card)[0]
    assert load_backbone("org/net").weights_sha == source.weights_sha
    fetched = {path.rpartition("/")[2] for path in Hub.asked if "/resolve/" in path}
    assert fetched == set(made)  # nothing that isn't needed, and no code
    assert capfd.readouterr() == ("", "")

    forget_backbones()
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    assert is_available(resolve("org/net")) == (True, "in the hub's cache")
    assert load_backbone("org/net").weights_sha == source.weights_sha


def test_a_repository_with_only_a_pickle_is_converted(files, tmp_path):
    source, made = some_network(tmp_path)
    del made["model.safetensors"]
    torch.save(source.module.state_dict(), tmp_path / "weights.bin")
    files.update(made, **{"pytorch_model.bin": (tmp_path / "weights.bin").read_bytes()})
    assert load_backbone("org/net").weights_sha == source.weights_sha
    converted = next((tmp_path / "cache" / "weights").iterdir())
    assert read_folder(converted, source.card).weights_sha == source.weights_sha


@pytest.mark.parametrize("name", ["org/other", "org/net"])
def test_what_the_hub_does_not_have_is_told(name, files):
    with pytest.raises(WeightsError) as caught:
        load_backbone(name)
    assert name in str(caught.value)
    assert caught.value.hint


def test_a_repository_without_weights_is_told(files, tmp_path):
    _, made = some_network(tmp_path)
    del made["model.safetensors"]
    files.update(made)
    with pytest.raises(WeightsError, match="must hold its weights"):
        load_backbone("org/net")


def test_a_backbone_that_the_hub_has_can_be_named_before_it_was_fetched(files, tmp_path):
    source, made = some_network(tmp_path)
    files.update(made)
    check_backbones(FitSettings(label="y", backbones=("org/net",)))
    assert is_available(resolve("org/net")) == (True, "in the hub's cache")
    assert load_backbone("org/net").weights_sha == source.weights_sha


def test_a_damaged_backbone_of_the_hub_is_told_before_a_run(files, tmp_path):
    _, made = some_network(tmp_path)
    files.update(made, **{"model.safetensors": made["model.safetensors"][:5000]})
    with pytest.raises(WeightsError, match="must be whole"):
        check_backbones(FitSettings(label="y", backbones=("org/net",)))
