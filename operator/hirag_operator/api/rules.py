"""Rules between fields, each declared once: for the API server as CEL, for the operator as a predicate.

A model lists its rules in the class variable `rules`. `crdgen` writes their CEL into the CRD, where the API server
refuses a wrong manifest, and `ApiModel` evaluates their predicates, so that the operator refuses the same manifest
when it meets a CRD older than itself. Tests feed the same wrong manifests to both.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Rule:
    """A relation between the fields of one model.

    Args:
        cel: the Common Expression Language form; `self` is the model's object.
        holds: the same rule over the validated pydantic model.
        message: names the field and the remedy; shown by the API server and by pydantic.
        field: the wire name of the direct field that is to blame, when it is one field.
    """

    cel: str
    holds: Callable[[Any], bool]
    message: str
    field: str | None = None


@dataclass(frozen=True, slots=True)
class Transition:
    """A relation between a model's old and new state, which the API server holds updates to.

    It has no predicate: the operator never sees an old spec, and compares the new one with what exists instead.

    Args:
        cel: the Common Expression Language form; `self` is the new object, `oldSelf` the old one.
        message: names the field and the remedy.
        field: the wire name of the direct field that is to blame, when it is one field.
    """

    cel: str
    message: str
    field: str | None = None
