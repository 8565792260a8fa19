"""Syntax trees as plain data: spans stripped, enum variants as (name, payload).

Data flow: the JSON of `habendum dump` -> `strip` -> dicts, lists, strings and numbers without places.
Invariant: nothing downstream sees a span.
"""


class Fault(Exception):
    """The deal or the stream cannot be evaluated."""

    def __init__(self, message, row=None):
        super().__init__(message if row is None else f"row {row}: {message}")
        self.row = row


def strip(value):
    """The tree without its places."""
    if isinstance(value, dict):
        if set(value) == {"node", "span"}:
            return strip(value["node"])
        return {k: strip(v) for k, v in value.items()}
    if isinstance(value, list):
        return [strip(v) for v in value]
    return value


def variant(value):
    """Name and payload of an enum variant; a bare word has no payload."""
    if isinstance(value, str):
        return value, None
    if isinstance(value, dict) and len(value) == 1:
        return next(iter(value.items()))
    raise Fault(f"not a variant: {value!r}")


def replace_dates(value, effective, signature):
    """The tree with `effective` and `signature` of an amendment turned into its own days."""
    if isinstance(value, dict):
        if set(value) == {"base", "offset"} and value["base"] in ("Effective", "Signature"):
            day = effective if value["base"] == "Effective" else signature
            base = {"Day": {"year": day.year, "month": day.month, "day": day.day}}
            return {"base": base, "offset": value["offset"]}
        return {k: replace_dates(v, effective, signature) for k, v in value.items()}
    if isinstance(value, list):
        return [replace_dates(v, effective, signature) for v in value]
    return value


# The kind by which `remove` and `vary` know a modifier, where it is not its own name.
_KIND = {
    "BeforeDate": "Before",
    "UntilReaches": "Until",
    "WithinEach": "Within",
    "OnEach": "On",
    "OnFirst": "On",
    "OnDate": "On",
}


def modifier_kind(modifier):
    """The kind of a modifier."""
    name, _ = variant(modifier)
    return _KIND.get(name, name)


def modifiers(statement, name):
    """Payloads of a statement's modifiers of one name, in order."""
    out = []
    for m in statement["modifiers"]:
        n, payload = variant(m)
        if n == name:
            out.append(payload if payload is not None else True)
    return out


def has(statement, name):
    """True where a statement carries a modifier."""
    return any(variant(m)[0] == name for m in statement["modifiers"])


def first(statement, name):
    """The first modifier of a name, or None."""
    found = modifiers(statement, name)
    return found[0] if found else None
