"""The servers' binaries, from wherever this machine can get them."""

import os
from pathlib import Path

from e2e.cluster.errors import ToolUnavailableError


class Toolchain:
    """Finds binaries by name.

    Args:
        assets: A folder of binaries that somebody vouches for; used as they are.
    """

    def __init__(self, assets: Path) -> None:
        self._assets = assets

    @classmethod
    def from_environment(cls) -> "Toolchain":
        """The toolchain that the environment variables describe."""
        return cls(Path(os.environ.get("HIRAG_ASSETS", "")))

    def path(self, name: str) -> Path:
        """The binary of that name.

        Raises:
            ToolUnavailableError: There is none.
        """
        file = self._assets / name
        if not file.is_file():
            raise ToolUnavailableError(f"{name} is not in {self._assets}; set HIRAG_ASSETS to a folder that has it.")
        return file
