"""The key of a model's provider, read from the Secret that its spec names, and what to say where it cannot be."""

import base64
import binascii
from dataclasses import dataclass, field
from typing import Final

from hirag_operator.api import EmbeddingModel, Reason
from hirag_operator.errors import NotAuthorized
from hirag_operator.plan.verdict import Verdict, stalled
from hirag_operator.reconcile.services import Services

_GRANT: Final = (
    "the operator may not read it. Have it named in secrets.allowed of the operator's Helm chart, or grant get, list "
    "and watch of it by name to the operator's ServiceAccount, with a Role in its namespace; then it goes on by itself."
)


class SecretMissing(Exception):
    """A Secret, or the key in it, that the spec names does not exist or cannot be read."""

    @property
    def verdict(self) -> Verdict:
        """Return what is said of it."""
        return stalled(Reason.SECRET_NOT_FOUND, f"{self}; correct it, or spec.external.apiKeySecretRef.")


class SecretForbidden(Exception):
    """The operator has no right to read a Secret that the spec names."""

    @property
    def verdict(self) -> Verdict:
        """Return what is said of it."""
        return stalled(Reason.SECRET_FORBIDDEN, f"{self}: {_GRANT}")


@dataclass(frozen=True)
class ProviderKey:
    """A key, which goes where the provider is asked and nowhere else; None where it wants none.

    `version` is another one with each change of the Secret.
    """

    value: str | None = field(default=None, repr=False)
    version: str = ""


def provider_key(services: Services, model: EmbeddingModel) -> ProviderKey:
    """Return the provider's key, read at this moment.

    Raises:
        SecretMissing: the key is not there.
        SecretForbidden: the key may not be read.
    """
    reference = model.spec.external.api_key_secret_ref if model.spec.external else None
    if reference is None:
        return ProviderKey()
    try:
        secret = services.kubernetes.get("Secret", model.metadata.namespace, reference.name)
    except NotAuthorized as error:
        raise SecretForbidden(f"Secret {model.metadata.namespace}/{reference.name}") from error
    encoded = ((secret or {}).get("data") or {}).get(reference.key)
    label = f"key {reference.key} of Secret {reference.name}"
    if secret is None or encoded is None:
        raise SecretMissing(f"{label if secret is not None else f'Secret {reference.name}'} does not exist")
    try:
        key = base64.b64decode(encoded, validate=True).decode("ascii").strip()
    except (binascii.Error, UnicodeDecodeError):
        raise SecretMissing(f"{label} is not plain text") from None  # the error would quote what it could not read
    if not key:
        raise SecretMissing(f"{label} is empty")
    metadata = secret["metadata"]
    return ProviderKey(key, f"{metadata['uid']}/{metadata['resourceVersion']}")
