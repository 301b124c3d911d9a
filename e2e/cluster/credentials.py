"""Keys, tokens and kubeconfigs of a local control plane."""

import secrets
from base64 import b64encode
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import yaml
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

_VALID = timedelta(days=1)


@dataclass(frozen=True)
class ClientCertificate:
    """A client as those know it who trust its authority: three PEM files, of which the key is secret."""

    authority: Path
    certificate: Path
    key: Path


def write_service_account_key(file: Path) -> None:
    """Write a fresh P-256 key in PEM: the API server signs the tokens of service accounts with it."""
    _write_private(file, _pem(ec.generate_private_key(ec.SECP256R1())))


def write_admin_token(file: Path) -> str:
    """Write a token file (CSV: token, user, uid, groups) with one cluster administrator; returns the token."""
    token = secrets.token_urlsafe(32)
    _write_private(file, f'{token},admin,admin,"system:masters"\n')
    return token


def write_client_certificate(folder: Path, name: str) -> ClientCertificate:
    """Write a fresh authority, and a client of that name which it vouches for; both are valid for a day."""
    root, client = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    issuer = _named(f"{name}-authority")
    basic = x509.BasicConstraints(ca=True, path_length=0)
    authority = _certificate(issuer, root, issuer, root, basic)
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH])
    certificate = _certificate(_named(name), client, issuer, root, usage)
    files = ClientCertificate(*(folder / f"{name}.{ending}" for ending in ("authority", "crt", "key")))
    files.authority.write_bytes(authority.public_bytes(serialization.Encoding.PEM))
    files.certificate.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    _write_private(files.key, _pem(client))
    return files


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


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _certificate(
    subject: x509.Name,
    key: ec.EllipticCurvePrivateKey,
    issuer: x509.Name,
    signer: ec.EllipticCurvePrivateKey,
    extension: x509.ExtensionType,
) -> x509.Certificate:
    now = datetime.now(UTC)
    return (
        x509.CertificateBuilder(issuer, subject, key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(minutes=5))
        .not_valid_after(now + _VALID)
        .add_extension(extension, critical=True)
        .sign(signer, hashes.SHA256())
    )


def _pem(key: ec.EllipticCurvePrivateKey) -> str:
    form = serialization.PrivateFormat.TraditionalOpenSSL
    return key.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()


def _base64(file: Path) -> str:
    return b64encode(file.read_bytes()).decode()


def _write_private(file: Path, text: str) -> None:
    file.touch(mode=0o600)
    file.write_text(text)
