"""Who may refer to whom across namespaces: the referred side decides."""

from collections.abc import Mapping

from hirag_operator.api.references import AllowedNamespaces, LabelSelector, LabelSelectorRequirement


def admits(allowed: AllowedNamespaces, home: str, guest: str, guest_labels: Mapping[str, str]) -> bool:
    """Return whether an object in namespace `home` may be used from namespace `guest`, which carries `guest_labels`."""
    if guest == home or allowed.from_ == "All":
        return True
    if allowed.from_ == "Selector" and allowed.selector is not None:
        return selects(allowed.selector, guest_labels)
    return False


def selects(selector: LabelSelector, labels: Mapping[str, str]) -> bool:
    """Return whether all requirements of a label selector hold; an empty selector selects everything."""
    exact = (selector.match_labels or {}).items()
    return all(labels.get(key) == value for key, value in exact) and all(
        _holds(requirement, labels) for requirement in selector.match_expressions or []
    )


def _holds(requirement: LabelSelectorRequirement, labels: Mapping[str, str]) -> bool:
    value = labels.get(requirement.key)
    values = requirement.values or []
    match requirement.operator:
        case "In":
            return value in values
        case "NotIn":
            return value not in values
        case "Exists":
            return value is not None
        case "DoesNotExist":
            return value is None
