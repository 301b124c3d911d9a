"""Where an embedding model's files come from, or which provider computes the embeddings instead."""

from typing import Annotated, Literal

from pydantic import Field

from hirag_operator.api.model import SpecModel
from hirag_operator.api.references import BaseUrl, ObjectName, SecretKeyReference
from hirag_operator.api.rules import Rule
from hirag_operator.api.text import Matches

_PATH = r"^/?[-A-Za-z0-9._@+=]+(/[-A-Za-z0-9._@+=]+)*/?$"
_ABSOLUTE_PATH = r"^/([-A-Za-z0-9._@+=]+(/[-A-Za-z0-9._@+=]+)*/?)?$"

_NO_PARENT = Rule(
    "!('..' in self.path.split('/'))",
    lambda it: ".." not in it.path.split("/"),
    "path must not contain '..'; write the folder's own path",
    "path",
)


Commit = Annotated[
    str,
    Field(min_length=1, max_length=40),
    Matches("^[0-9a-f]{40}$", "must be a commit, 40 hexadecimal digits: tags and branches move, and vectors with them"),
]


ProvidersName = Annotated[
    str,
    Field(min_length=1, max_length=256, examples=["text-embedding-3-small"]),
    Matches("^[!-~]([ -~]*[!-~])?$", "must be printable ASCII without a space before or after, as the provider has it"),
]


class HuggingFaceSource(SpecModel):
    """A repository on the Hugging Face Hub, pinned by commit."""

    repo: str = Field(
        min_length=3,
        max_length=193,
        pattern=r"^[A-Za-z0-9][-A-Za-z0-9._]*/[A-Za-z0-9][-A-Za-z0-9._]*$",
        description="Repository as owner/name, e.g. sentence-transformers/all-MiniLM-L6-v2.",
    )
    revision: Commit = Field(
        description="Commit, as 40 hexadecimal digits; tags and branches move, and other files would be other vectors.",
    )


class PersistentVolumeClaimSource(SpecModel):
    """A folder on a PersistentVolumeClaim of the same namespace, mounted read-only."""

    claim_name: ObjectName = Field(description="Name of the PersistentVolumeClaim.")
    path: str = Field(
        default=".", min_length=1, max_length=1024, pattern=_PATH, description="Folder with the model on the volume."
    )

    rules = (_NO_PARENT,)


class ImageSource(SpecModel):
    """A folder in an OCI image, mounted read-only as an image volume."""

    reference: str = Field(
        min_length=1,
        max_length=1024,
        pattern=r"^[a-zA-Z0-9][-a-zA-Z0-9._:/@]*$",
        description="Image reference; pin a digest, so that the same files are served tomorrow.",
    )
    path: str = Field(
        default="/",
        min_length=1,
        max_length=1024,
        pattern=_ABSOLUTE_PATH,
        description="Folder with the model in the image.",
    )

    rules = (_NO_PARENT,)


class HostPathSource(SpecModel):
    """A folder on every node that may run the model, mounted read-only; for single-node clusters and development."""

    path: str = Field(
        min_length=2, max_length=1024, pattern=_ABSOLUTE_PATH, description="Absolute path of the folder on the node."
    )

    rules = (_NO_PARENT,)


class ModelSource(SpecModel):
    """Where the model's files come from; exactly one of the members."""

    hugging_face: HuggingFaceSource | None = Field(default=None, description="A repository on the Hugging Face Hub.")
    persistent_volume_claim: PersistentVolumeClaimSource | None = Field(
        default=None, description="A folder on a PersistentVolumeClaim."
    )
    image: ImageSource | None = Field(default=None, description="A folder in an OCI image.")
    host_path: HostPathSource | None = Field(default=None, description="A folder on the node.")

    rules = (
        Rule(
            "(has(self.huggingFace) ? 1 : 0) + (has(self.persistentVolumeClaim) ? 1 : 0)"
            " + (has(self.image) ? 1 : 0) + (has(self.hostPath) ? 1 : 0) == 1",
            lambda it: [it.hugging_face, it.persistent_volume_claim, it.image, it.host_path].count(None) == 3,  # noqa: PLR2004  # all of the four but one
            "source must have exactly one of huggingFace, persistentVolumeClaim, image and hostPath",
        ),
    )


class ExternalProvider(SpecModel):
    """An existing OpenAI-compatible embeddings provider."""

    url: BaseUrl = Field(
        description=(
            "Base URL as OpenAI SDKs write it, up to and with the version, e.g. https://api.example.com/v1; "
            "http or https, without credentials, query or fragment."
        ),
    )
    model: ProvidersName = Field(description="Model name sent with each request, as the provider calls it.")
    api_key_secret_ref: SecretKeyReference | None = Field(
        default=None, description="Secret with the provider's API key, sent as a bearer token; none when absent."
    )
    vectorizer: Literal["none", "text2vec-transformers"] = Field(
        default="none",
        description=(
            "Whether the provider also answers Weaviate's text2vec-transformers module at its root, as this project's "
            "embedder does. With text2vec-transformers, nearText on Weaviate works; with none, clients send vectors."
        ),
    )

    rules = (
        Rule(
            "!self.url.endsWith('/embeddings') && !self.url.endsWith('/embeddings/')",
            lambda it: not it.url.endswith(("/embeddings", "/embeddings/")),
            "url must end before /embeddings, which is added to it, as in https://api.example.com/v1",
            "url",
        ),
    )
