"""Whether an alias leads to vectors of the model that is asked for new ones, all through a run.

A migration may swap an alias while a run lasts. To a collection with vectors of the same fingerprint the run goes on;
vectors of another model would be mixed into the new ones, and never be found by what they mean.
"""

from hirag_jobs.rest import Rest
from hirag_jobs.stamp import fingerprint
from hirag_jobs.target import Target
from hirag_kit.errors import ConfigurationError


class SameVectors:
    """Looks where an alias leads, which is one small request.

    Args:
        rest: to its Weaviate.
        target: where it led when the run began.
    """

    def __init__(self, rest: Rest, target: Target) -> None:
        self._rest, self._alias, self._known = rest, target.alias, target.collection
        self._fingerprint = fingerprint(target.schema)

    def require(self) -> None:
        """Returns if vectors of this run may be written.

        Raises:
            ConfigurationError: the alias leads to vectors of another fingerprint by now, or nowhere.
        """
        found = self._rest.alias_target(self._alias)
        if found == self._known:
            return
        schema = None if found is None else self._rest.schema(found)
        if found is None or schema is None:
            raise ConfigurationError(f"alias {self._alias} is gone; see status.address of the ContextCollection")
        if fingerprint(schema) != self._fingerprint:
            raise ConfigurationError(
                f"alias {self._alias} leads to {found} by now, whose vectors are of another model: take its embedder "
                "from the ConfigMap of the address, and run this again; it goes on with what is missing"
            )
        self._known = found
