"""The API group's names, in one place."""

from typing import Final

GROUP: Final = "hirag.dev"
VERSION: Final = "v1alpha1"
API_VERSION: Final = f"{GROUP}/{VERSION}"
CATEGORY: Final = "hirag"
