"""Where a ContextCollection is, from the environment that its ConfigMap `<name>-address` gives a pod.

    envFrom:
      - configMapRef: {name: handbook-address}

Its keys are those of the operator (`hirag_operator/plan/address.py`). They say less than a setting of ours, so each
fills only what is not set. What belongs together is taken together or not at all: the tenant of one alias is none of
another's, nor is the gRPC address of one server, or the model of one endpoint.
"""

import os
from collections.abc import Mapping
from typing import Any

from pydantic.fields import FieldInfo
from pydantic_settings import PydanticBaseSettingsSource

from hirag_kit.errors import ConfigurationError

PREFIXES = {"shortTerm": "SHORT_TERM", "longTerm": "LONG_TERM"}
_SERVERS = (
    {"weaviate_http_url": "WEAVIATE_HTTP_URL", "weaviate_grpc": "WEAVIATE_GRPC_ADDRESS"},
    {"embedder_url": "EMBEDDING_URL", "model": "EMBEDDING_MODEL"},
)


class AddressSource(PydanticBaseSettingsSource):
    """Settings from the environment variables of an address, behind flags and `HIRAG_JOBS_…`."""

    def get_field_value(
        self,
        field: FieldInfo,  # noqa: ARG002  an address goes by names alone
        field_name: str,
    ) -> tuple[Any, str, bool]:
        """Return what the address says of one setting: (value, key, whether the value is JSON)."""
        return self().get(field_name), field_name, False

    def __call__(self) -> dict[str, Any]:
        """Return what the address says of settings that nothing before it says.

        Raises:
            ConfigurationError: it has two levels and none is chosen, or not the one that is.
        """
        told = {name: value for name, value in os.environ.items() if value}
        servers = (group for group in _SERVERS if next(iter(group)) not in self.current_state)
        groups = (self._level(told), *servers)
        known = self.settings_cls.model_fields
        return {
            setting: told[name]
            for group in groups
            for setting, name in group.items()
            if name in told and setting in known
        }

    def _level(self, told: Mapping[str, str]) -> dict[str, str]:
        """Return setting → variable of the level that is chosen, or of the only one; nothing where a place is set."""
        aliases = {level: f"{prefix}_ALIAS" for level, prefix in PREFIXES.items() if f"{prefix}_ALIAS" in told}
        placed = {"alias", "collection"} & self.current_state.keys()
        if not aliases or placed or "alias" not in self.settings_cls.model_fields:
            return {}
        wanted = self.current_state.get("level")
        there = " and ".join(aliases.values())
        if wanted is None and len(aliases) > 1:
            raise ConfigurationError(f"the environment has {there}: choose by --level {' or '.join(aliases)}")
        level = wanted or next(iter(aliases))
        if level not in aliases:
            raise ConfigurationError(
                f"the environment has {there} and no alias of level {level}: does the ContextCollection declare it?"
            )
        return {"alias": aliases[level], "tenant": f"{PREFIXES[level]}_TENANT"}
