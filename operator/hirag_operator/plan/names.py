"""Names of what the operator makes: deterministic, readable, within the limits of Weaviate and Kubernetes.

Weaviate wants class and alias names of the form `[A-Z][_0-9A-Za-z]*`, at most 255 characters, and refuses a name that
differs from another by case alone, aliases too. Kubernetes namespaces and ContextCollection names are lower-case DNS
labels. An alias spells them out, so that a person can write it by heart:

    namespace `team-a`, name `handbook`, level `longTerm`  →  alias `Team_a__Handbook__LongTerm`

Two underscores stand between the parts and one for a dash, so no two objects share an alias, whatever the case.
Capitals are for the eye alone. Physical collections add a revision. A pool of shared levels is `HiragPool_R…`, which
no alias can be, for want of two underscores; in it a level is the tenant `team-a_handbook_longTerm`.
"""

import re

from hirag_operator.plan.digest import digest

REVISION_LENGTH = 10  # 50 bits: a collision within one object's history is out of reach
POOL_LENGTH = 16  # 80 bits: pools of all objects share one server
TENANT_LIMIT = 64  # characters of a tenant's name that Weaviate takes
WORKLOAD_NAME_LIMIT = 52  # a CronJob's name leaves 11 characters for the suffix of its Jobs


def alias_name(namespace: str, name: str, level: str) -> str:
    """Return the stable alias under which applications reach a level, e.g. `Team_a__Handbook__LongTerm`."""
    # A name never begins with a digit, so a part N before one that does can be no namespace `n`.
    before = "N__" if namespace[0].isdigit() else ""
    return f"{before}{_part(namespace)}__{_part(name)}__{level[0].upper()}{level[1:]}"


def revision(namespace: str, name: str, level: str, shape: object) -> str:
    """Return the revision of a level whose build- and embed-class settings are `shape` (10 characters, base 32)."""
    return digest([namespace, name, level, shape], REVISION_LENGTH)


def collection_name(alias: str, level_revision: str) -> str:
    """Return the name of the physical Weaviate collection behind `alias`, e.g. `Team_a__Handbook__LongTerm_Rk3j…`."""
    return f"{alias}_R{level_revision}"


def pool_name(key: object) -> str:
    """Return the name of the pool whose shape and owner policy are `key`, e.g. `HiragPool_Rk3j…`."""
    return f"HiragPool_R{digest(key, POOL_LENGTH)}"


def tenant_name(namespace: str, name: str, level: str) -> str:
    """Return the tenant that a shared level is, e.g. `team-a_handbook_longTerm`; shortened with a digest if need be.

    Neither namespaces nor names hold underscores, so two of them part three parts and nothing else. A shortened name
    has three, and its digest is over all that was cut.
    """
    full = f"{namespace}_{name}_{level}"
    if len(full) <= TENANT_LIMIT:
        return full
    return f"{namespace[:14]}_{name[:14]}_{level}_{digest([namespace, name, level], 20)}"


def workload_name(*parts: str) -> str:
    """Return a Kubernetes name of `parts` joined by dashes, shortened with a digest when over the limit."""
    name = "-".join(parts)
    if len(name) <= WORKLOAD_NAME_LIMIT:
        return name
    tail = digest(list(parts), 8)
    return f"{name[: WORKLOAD_NAME_LIMIT - len(tail) - 1].rstrip('-.')}-{tail}"


def _part(label: str) -> str:
    """Spell a label: an underscore for a dash, and one more than there are for dashes in a row, so that two part."""
    body = re.sub("-+", lambda run: "_" * (len(run[0]) + (len(run[0]) > 1)), label)
    return body[0].upper() + body[1:]
