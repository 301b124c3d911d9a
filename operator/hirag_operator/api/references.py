"""References from one object to another, and who may refer across namespaces."""

from typing import Annotated, Literal

from pydantic import Field

from hirag_operator.api.model import SpecModel
from hirag_operator.api.rules import Rule
from hirag_operator.api.text import Matches

ObjectName = Annotated[
    str,
    Field(min_length=1, max_length=253),
    Matches(
        "^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$",
        "must be an object's name: lower-case letters, digits, '-' and '.', first and last a letter or digit",
    ),
]
Namespace = Annotated[
    str,
    Field(min_length=1, max_length=63),
    Matches(
        "^[a-z0-9]([-a-z0-9]*[a-z0-9])?$",
        "must be a namespace's name: lower-case letters, digits and '-', first and last a letter or digit",
    ),
]
BaseUrl = Annotated[
    str,
    Field(min_length=8, max_length=2048, examples=["https://api.example.com/v1"]),
    Matches(
        r"^https?://[^/@?#\s]+(/[^@?#\s]*)?$",
        "must be an http or https URL without credentials, query or fragment, such as https://api.example.com/v1; "
        "keys belong in a Secret",
    ),
]


class ObjectReference(SpecModel):
    """An object of this API group, in this namespace or another."""

    name: ObjectName = Field(description="Name of the object referred to.")
    namespace: Namespace | None = Field(
        default=None,
        description=(
            "Namespace of the object referred to; the referring object's own when absent. "
            "Another namespace must admit this one in its allowedNamespaces."
        ),
    )


class SecretKeyReference(SpecModel):
    """A key of a Secret in the same namespace; its value is read when used and never stored or logged."""

    name: ObjectName = Field(description="Name of the Secret.")
    key: str = Field(
        default="api-key",
        min_length=1,
        max_length=253,
        pattern=r"^[-._a-zA-Z0-9]+$",
        description="Key in the Secret's data.",
    )


class LabelSelectorRequirement(SpecModel):
    """One requirement on a label."""

    key: str = Field(min_length=1, max_length=317, description="Label key.")
    operator: Literal["In", "NotIn", "Exists", "DoesNotExist"] = Field(
        description="Relation between the label's value and values."
    )
    values: list[Annotated[str, Field(max_length=63)]] | None = Field(
        default=None,
        max_length=32,
        description="Values for In and NotIn; absent for Exists and DoesNotExist.",
    )

    rules = (
        Rule(
            "(self.operator in ['In', 'NotIn']) == (has(self.values) && self.values.size() > 0)",
            lambda it: (it.operator in {"In", "NotIn"}) == bool(it.values),
            "values must be given for the operators In and NotIn, and left out for Exists and DoesNotExist",
            "values",
        ),
    )


class LabelSelector(SpecModel):
    """Selects by labels; all requirements must hold, and an empty selector selects everything."""

    match_labels: dict[str, Annotated[str, Field(max_length=63)]] | None = Field(
        default=None, max_length=32, description="Labels that must have exactly these values."
    )
    match_expressions: list[LabelSelectorRequirement] | None = Field(
        default=None, max_length=32, description="Requirements on labels."
    )


class AllowedNamespaces(SpecModel):
    """Which namespaces may refer to this object."""

    from_: Literal["Same", "All", "Selector"] = Field(
        default="Same",
        alias="from",
        description="Same: this namespace alone; All: every namespace; Selector: those with the labels in selector.",
    )
    selector: LabelSelector | None = Field(
        default=None, description="Labels of the namespaces that may refer to this object; only with from: Selector."
    )

    rules = (
        Rule(
            "(self.from == 'Selector') == has(self.selector)",
            lambda it: (it.from_ == "Selector") == (it.selector is not None),
            "allowedNamespaces.selector goes with from: Selector; set both, or remove the selector",
            "selector",
        ),
    )
