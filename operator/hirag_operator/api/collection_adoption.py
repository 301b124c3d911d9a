"""Adoption: a level that is made of a Weaviate collection which exists already and which the operator did not make."""

from typing import Annotated, Literal

from pydantic import Field

from hirag_operator.api.model import SpecModel

# As Weaviate has them. A plain pattern, so that it costs no rule.
ForeignCollection = Annotated[str, Field(min_length=1, max_length=255, pattern="^[A-Z][_0-9A-Za-z]*$")]


class AdoptFrom(SpecModel):
    """From which collection a level is filled when it is made; of no effect on one that is there."""

    collection: ForeignCollection = Field(
        description="Name of the Weaviate collection, not of an alias. The operator must be configured to let this "
        "namespace adopt it."
    )
    vectors: Literal["Embed", "Copy"] = Field(
        default="Embed",
        description="Embed: the level's model makes all vectors anew; Copy: they are taken over as they are, for you "
        "know that the very same model made them.",
    )
    undeclared_properties: Literal["Refuse", "Carry"] = Field(
        default="Refuse",
        description="What becomes of properties that spec.properties does not declare. Refuse: the adoption does not "
        "begin, and names them; Carry: they are made and filled all the same, and none of them is embedded.",
    )
    freeze_source: bool = Field(
        default=False,
        description="Whether the collection is set read-only before the level is served, so that nothing that is "
        "written to it can be missed. It stays so; taking the adoption back before allows writes again.",
    )
    cut_over: Literal["Auto", "Hold"] = Field(
        default="Auto",
        description="Auto: the level is served once its copy is verified; Hold: what changes is followed until this "
        "is Auto.",
    )
