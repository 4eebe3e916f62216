"""ORCID's XML in the form of its JSON, so that records are read in one place. Some twenty namespaces; only local names count."""

from typing import Any

from lxml import etree

from works.importers.xml_records import children, local_name, text_of

# Elements that stand in a list in JSON, also where there is one of them or none.
LISTED = frozenset({"group", "work-summary", "external-id", "affiliation-group", "contributor"})
# Elements whose JSON form is a bare text; of others the text is wrapped: {"value": text}.
BARE = frozenset(
    {
        "type", "external-id-type", "external-id-value", "external-id-relationship", "path", "uri", "host", "name", "city", "region",
        "country", "department-name", "role-title", "disambiguated-organization-identifier", "disambiguation-source", "language-code",
        "short-description", "contributor-role", "contributor-sequence", "response-code", "developer-message", "user-message",
    }
)  # fmt: skip


def as_json(root: etree._Element) -> dict[str, Any]:
    name = local_name(root)
    if name == "search":
        return {"num-found": root.get("num-found")}
    if name == "bulk":
        return {"bulk": [{"work": value_of(work)} for work in children(root, "work")]}
    value = value_of(root)
    return value if isinstance(value, dict) else {}


def value_of(element: etree._Element) -> Any:
    """Attributes and children by name; the text of an element without children."""
    parts = [child for child in element if local_name(child)]
    if not parts and not element.attrib:
        text = text_of(element)
        return text if local_name(element) in BARE else {"value": text}
    found: dict[str, Any] = {etree.QName(str(key)).localname: str(value) for key, value in element.attrib.items()}
    if not parts:
        return found | {"value": text_of(element)}
    for child in parts:
        name = local_name(child)
        if name in LISTED:
            found.setdefault(name, []).append(value_of(child))
        elif name == "employment-summary":
            found.setdefault("summaries", []).append({name: value_of(child)})
        elif name == "activities-summary":
            found[name] = value_of(child)
        else:
            found.setdefault(name, value_of(child))
    return renamed(found)


def renamed(value: dict[str, Any]) -> dict[str, Any]:
    """XML names two containers after what they hold."""
    if "activities" in value:
        value["activities-summary"] = value.pop("activities")
    if isinstance(value.get("works"), dict):
        value["works"].setdefault("group", [])
    return value
