"""Keys, tokens and kubeconfigs of a local control plane."""

import secrets
from base64 import b64encode
from pathlib import Path

import yaml
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec


def write_service_account_key(file: Path) -> None:
    """Write a fresh P-256 key in PEM: the API server signs the tokens of service accounts with it."""
    key = ec.generate_private_key(ec.SECP256R1())
    pem = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.TraditionalOpenSSL, serialization.NoEncryption()
    )
    _write_private(file, pem.decode())


def write_admin_token(file: Path) -> str:
    """Write a token file (CSV: token, user, uid, groups) with one cluster administrator; returns the token."""
    token = secrets.token_urlsafe(32)
    _write_private(file, f'{token},admin,admin,"system:masters"\n')
    return token


def write_kubeconfig(file: Path, *, url: str, authority: Path, token: str) -> None:
    """Write a kubeconfig of one cluster and one user, with the certificate and the token inside.

    Args:
        file: Where to.
        url: The API server's.
        authority: PEM of the certificate that clients verify the server with.
        token: The user's bearer token.
    """
    config = {
        "apiVersion": "v1",
        "kind": "Config",
        "clusters": [{"name": "local", "cluster": {"server": url, "certificate-authority-data": _base64(authority)}}],
        "users": [{"name": "admin", "user": {"token": token}}],
        "contexts": [{"name": "local", "context": {"cluster": "local", "user": "admin", "namespace": "default"}}],
        "current-context": "local",
    }
    _write_private(file, yaml.safe_dump(config, sort_keys=False))


def _base64(file: Path) -> str:
    return b64encode(file.read_bytes()).decode()


def _write_private(file: Path, text: str) -> None:
    file.touch(mode=0o600)
    file.write_text(text)
