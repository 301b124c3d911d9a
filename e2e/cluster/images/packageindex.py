"""What this machine must tell a build so that it reaches the package index: passed as secrets, never into a layer."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

_CONFIG_SECONDS = 60
_AUTHORITIES = ("PIP_CERT", "SSL_CERT_FILE")


def secrets(folder: Path, environment: Mapping[str, str] = os.environ) -> list[str]:
    """Write the secrets of a build into a folder that only we read, and return the flags that name them.

    They are `pip` and `uv` (their configuration: index, further indexes, hosts to trust) where pip is configured with
    any of these, and `ca` (the bundle of authorities) where the environment names one.
    """
    flags = []
    configured = _configured()
    for name, text in (("pip", _pip(configured)), ("uv", _uv(configured))):
        if text:
            (folder / name).touch(mode=0o600)
            (folder / name).write_text(text)
            flags.append(f"--secret=id={name},src={folder / name}")
    authorities = [path for name in _AUTHORITIES if (path := environment.get(name)) and Path(path).is_file()]
    if authorities:
        flags.append(f"--secret=id=ca,src={authorities[0]}")
    return flags


def _configured() -> dict[str, list[str]]:
    """Return what pip is configured with, by its files and the environment: name of the option → values."""
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "config", "list"]
    listed = subprocess.run(command, capture_output=True, text=True, timeout=_CONFIG_SECONDS, check=True).stdout
    found: dict[str, list[str]] = {}
    for line in listed.splitlines():  # global.index-url='https://…', with :env: for what a variable says
        name, _, value = line.partition("=")
        found[name.rpartition(".")[2]] = value.strip("'\"").replace("\\n", " ").split()
    return found


def _pip(configured: Mapping[str, list[str]]) -> str:
    names = ("index-url", "extra-index-url", "trusted-host")
    lines = [f"{name} = {' '.join(configured[name])}" for name in names if configured.get(name)]
    return "\n".join(["[global]", *lines, ""]) if lines else ""


def _uv(configured: Mapping[str, list[str]]) -> str:
    lines = []
    if index := configured.get("index-url"):
        lines.append(f"index-url = {json.dumps(index[0])}")
    for option, name in (("extra-index-url", "extra-index-url"), ("trusted-host", "allow-insecure-host")):
        if values := configured.get(option):
            lines.append(f"{name} = {json.dumps(values)}")
    return "\n".join([*lines, ""]) if lines else ""
