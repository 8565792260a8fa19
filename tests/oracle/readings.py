"""Readings: every combination of them, and what they make of a row together."""

import itertools

from tree import variant


def combinations(deal, chosen):
    """Every combination of readings, the first ones first; a chosen reading stands alone."""
    offered = {}
    for clause in all_clauses(deal):
        names = [variant(line)[1]["name"] for line in clause[1]["body"] if variant(line)[0] == "Reading"]
        if names:
            have = offered.setdefault(clause[0], [])
            have.extend(n for n in names if n not in have)
    ids = list(offered)
    for pick in itertools.product(*([chosen[c]] if c in chosen else offered[c] for c in ids)):
        yield dict(zip(ids, pick))


def all_clauses(deal):
    """Every text of a clause that the agreement or an amendment gives: (id, parts)."""
    for c in deal.clauses:
        yield c["id"], c["parts"]
    for a in deal.amendments:
        for op in a["operations"]:
            kind, x = variant(op)
            if kind == "Insert":
                yield x["clause"]["id"], x["clause"]["parts"]
            elif kind in ("Replace", "Restate"):
                yield x["target"], x["with"]
            elif kind == "RestateAll":
                for c in x:
                    yield c["id"], c["parts"]


def merge(found):
    """Readings together: a row on which they differ is undetermined; amounts and time are of the first."""
    rows, dated = found[0]
    for row, mine in rows.items():
        others = [other[0][row] for other in found[1:]]
        if any(o["verdict"] != mine["verdict"] or o["accruals"] != mine["accruals"] for o in others):
            mine["verdict"] = "undetermined"
        mine["clauses"] = sorted({c for o in [mine, *others] for c in o["clauses"]})
    return rows, dated
