"""The shape of a plan."""

from typing import Any, ClassVar, Literal

from pydantic import Field

from hirag_operator.plugin.reports import Part, Report

Takes = Literal["nothing", "new", "hot", "build", "embed", "held", "forbidden", "invalid"]


class FieldError(Part):
    """Why a document would be refused."""

    field: str = Field(description="The field to blame, as its author wrote it; empty for the whole document.")
    message: str = Field(description="What is wrong, and what would be right.")


class FieldChange(Part):
    """A field that changes."""

    path: str = Field(description="The field, e.g. spec.properties[author].dataType.")
    before: Any = Field(default=None, description="Its present value; absent where it is not set.")
    after: Any = Field(default=None, description="Its value afterwards; absent where it is taken out.")
    class_: str = Field(
        alias="class", description="hot, build, embed or forbidden: the most that it can take; or unknown."
    )
    note: str = Field(default="", description="When it takes less, or what else there is to know.")


class DocumentReport(Part):
    """What would become of one document."""

    source: str = Field(description="File and number of the document in it, e.g. all.yaml#2.")
    kind: str = Field(default="", description="Kind of the object.")
    namespace: str = Field(default="", description="Namespace of the object.")
    name: str = Field(default="", description="Name of the object.")
    action: Literal["create", "change", "nothing", "refused", "leftOut"] = Field(
        description="What applying does to the object; leftOut: it is none of this API."
    )
    checked: str = Field(default="", description="By whom it was checked, and how it would be applied.")
    errors: list[FieldError] = Field(default_factory=list, description="Why it would be refused.")
    changes: list[FieldChange] = Field(default_factory=list, description="Fields that change.")


class EffectReport(Part):
    """What it comes to for one object, or one level of a ContextCollection."""

    kind: str = Field(description="Kind of the object.")
    namespace: str = Field(description="Namespace of the object.")
    name: str = Field(description="Name of the object.")
    level: str = Field(default="", description="Level of a ContextCollection; empty for the object as a whole.")
    takes: Takes = Field(
        description="What it takes; new: nothing is there yet; held: the operator stops and waits for a person."
    )
    basis: Literal["weaviate", "status", "table", "render"] = Field(
        description="What the answer goes by: Weaviate as it is; what status says of it; the table of change classes "
        "alone, which tells the most that it can take; what the operator would render in Kubernetes."
    )
    steps: list[str] = Field(default_factory=list, description="What the operator would do at once.")
    pending: list[str] = Field(default_factory=list, description="What only a new revision could change.")
    waits: str = Field(default="", description="What the operator would wait for, or stop at.")
    objects: int | None = Field(default=None, description="Objects that a new revision has to carry, where known.")


class PlanReport(Report):
    """What would happen if the documents were applied."""

    title: ClassVar[str] = "Plan"

    takes: Takes = Field(description="The gravest of all.")
    exit_code: int = Field(description="The exit code of the command.")
    documents: list[DocumentReport] = Field(description="The documents, in their order.")
    effects: list[EffectReport] = Field(default_factory=list, description="What it comes to, gravest first.")
    notes: list[str] = Field(default_factory=list, description="What could not be looked at, and what follows from it.")
