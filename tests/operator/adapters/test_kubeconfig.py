"""Connecting by a kubeconfig, as kubectl reads it."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from hirag_operator.adapters.kubeconfig import AGENT, connect
from hirag_operator.errors import NoAccess


def kubeconfig(folder: Path, **contexts: dict[str, str]) -> Path:
    body: dict[str, Any] = {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": next(iter(contexts), ""),
        "clusters": [{"name": name, "cluster": {"server": f"https://{name}:6443"}} for name in contexts],
        "users": [{"name": "person", "user": {"token": "secret-token-3"}}],
        "contexts": [
            {"name": name, "context": {"cluster": name, "user": "person", **settings}}
            for name, settings in contexts.items()
        ],
    }
    file = folder / "config"
    file.write_text(yaml.safe_dump(body))
    return file


def test_the_current_context_says_where_and_in_which_namespace(tmp_path: Path) -> None:
    access = connect(str(kubeconfig(tmp_path, first={"namespace": "team-a"}, second={})))
    assert (access.server, access.context, access.namespace) == ("https://first:6443", "first", "team-a")


def test_another_context_can_be_named_and_without_a_namespace_it_is_default(tmp_path: Path) -> None:
    access = connect(str(kubeconfig(tmp_path, first={"namespace": "team-a"}, second={})), "second")
    assert (access.server, access.namespace) == ("https://second:6443", "default")


def test_one_names_oneself_and_on_whose_behalf_one_asks(tmp_path: Path) -> None:
    client: Any = connect(str(kubeconfig(tmp_path, first={})), user="somebody").client
    assert (client.user_agent, client.default_headers["Impersonate-User"]) == (AGENT, "somebody")


def test_nothing_is_written_back(tmp_path: Path) -> None:
    file = kubeconfig(tmp_path, first={})
    before = (file.read_bytes(), file.stat().st_mtime_ns)
    connect(str(file))
    assert (file.read_bytes(), file.stat().st_mtime_ns) == before


@pytest.mark.parametrize("text", ["", "{", "- a list", "apiVersion: v1\nkind: Config\n"])
def test_a_broken_kubeconfig_is_told_with_the_remedy(tmp_path: Path, text: str) -> None:
    file = tmp_path / "config"
    file.write_text(text)
    with pytest.raises(NoAccess, match="name a kubeconfig by --kubeconfig or KUBECONFIG"):
        connect(str(file))


def test_a_kubeconfig_or_a_context_that_there_is_not_is_told(tmp_path: Path) -> None:
    with pytest.raises(NoAccess):
        connect(str(tmp_path / "none"))
    with pytest.raises(NoAccess, match="elsewhere"):
        connect(str(kubeconfig(tmp_path, first={})), "elsewhere")
