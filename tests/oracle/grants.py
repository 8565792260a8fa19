"""Licenses: what they permit and bar, and who may grant what (section 4).

Data flow: the licenses in force and the holders that earlier `Grant` rows made -> rules for `Use` and for `Grant`.
Invariant: a holder is a fact; whether it still holds is asked anew each time.
"""

from types import SimpleNamespace

import expr
from tree import variant

FULL = ("Exclusive", "ExclusiveExceptGrantor")


def _terms(run, names, hint):
    out = []
    for n in names:
        v = run.deal.find_term(n, hint)
        out.append(expr.Term(v, n))
    return out


def scope_of(run, norm):
    """Assets, territories and fields of a license; empty means everything."""
    _, g = norm.head
    return (
        _terms(run, g["assets"], "Asset"),
        _terms(run, g["territories"], "Territory"),
        _terms(run, g["fields"], "Field"),
    )


def event_scope(event):
    """The same of an event."""
    return tuple([event.fields[n]] if event.fields.get(n) is not None else [] for n in ("asset", "territory", "field"))


def _each_within(run, inner, outer):
    if not outer or any(run.deal.parents.get((o.vocabulary, o.name), "") is None for o in outer):
        return True
    return bool(inner) and all(any(run.deal.under(i, o) for o in outer) for i in inner)


def within(run, inner, outer):
    """True where a scope is nowhere wider than another."""
    return all(_each_within(run, i, o) for i, o in zip(inner, outer))


def overlap(run, a, b):
    """True where on each of asset, territory, field some term of one is the other, above or below it."""
    for x, y in zip(a, b):
        if x and y and not any(run.deal.under(i, j) or run.deal.under(j, i) for i in x for j in y):
            return False
    return True


def exclusivity(run, norm, scope):
    """Kind of exclusivity at a moment, and the set of a co-exclusive license."""
    kind, others = variant(norm.head[1]["exclusivity"])
    if norm.has("ExclusiveWhile") and not all(expr.holds(c, scope) for c in norm.mods("ExclusiveWhile")):
        return "NonExclusive", []
    return kind, others or []


def holders(run, day):
    """The sublicenses and grants that hold on a day."""
    return [f for f in run.facts if f.kind == "holder" and _holds(run, f, day)]


def _holds(run, f, day):
    if f.through is not None and day > f.through:
        return False
    if f.parent is not None and not _holds(run, run.facts[f.parent], day):
        return False
    norm = run.norm(day, f.head)
    if f.surviving:
        return True
    return norm is not None and run.in_force(norm, day)


def use_rules(run, norm, event, scope):
    """What a license in force makes of a use: [(permits, norm)]."""
    _, g = norm.head
    wanted = event_scope(event)
    actor = event.fields["by"].name
    licensee, licensor = run.stands_for(norm.cid, g["licensee"]), run.stands_for(norm.cid, g["licensor"])
    mine = [h for h in holders(run, event.date) if h.head == norm.id]
    out = []
    granted_away = any(
        h.grantor == actor and h.promise == "exclusive" and within(run, wanted, h.scope) for h in mine
    )
    inside = within(run, wanted, scope_of(run, norm))
    if inside and actor == licensee:
        out.append(True)
    elif any(h.person == actor and within(run, wanted, h.scope) for h in mine):
        out.append(True)
    kind, others = exclusivity(run, norm, scope)
    spared = {licensee, *(h.person for h in mine), *by_clause(run, norm, event.date)}
    if kind == "ExclusiveExceptGrantor":
        spared.add(licensor)
    if kind == "CoExclusive":
        spared |= {licensor, *others}
    if inside and kind in (*FULL, "CoExclusive") and actor not in spared:
        out.append(False)
    if granted_away:
        out.append(False)
    return out


def by_clause(run, norm, day):
    """Those to whom clauses of the day's text pass a license on, as its right to sublicense allows."""
    right = norm.mod("MaySublicense")
    if right is None:
        return set()
    _, top = norm.head
    out, seen, level = set(), {norm.id}, [top["licensee"]]
    links = [n for n in run.norms(day) if n.kind == "Grants" and n.head[1]["event"] == top["event"]]
    depth = 0
    while level and (right["depth"] is None or depth < right["depth"]):
        below = []
        for n in links:
            _, g = n.head
            if g["licensor"] not in level or n.id in seen or (right["to"] and g["licensee"] not in right["to"]):
                continue
            if not within(run, scope_of(run, n), scope_of(run, norm)):
                continue
            seen.add(n.id)
            out.add(g["licensee"])
            if n.mod("MaySublicense") is not None:
                below.append(g["licensee"])
        level, depth = below, depth + 1
    return out


def grant_rules(run, event, scope_for):
    """What the licenses make of a `Grant`: ([(permits, norm)], the head that allows it or None, reason)."""
    day = event.date
    licenses = [n for n in run.norms(day) if n.kind == "Grants" and run.in_force(n, day)]
    by, to, wanted = event.fields["by"].name, event.fields["to"].name, event_scope(event)
    bars = []
    for n in licenses:
        g = n.head[1]
        kind, others = exclusivity(run, n, scope_for(n))
        licensor, licensee = run.stands_for(n.cid, g["licensor"]), run.stands_for(n.cid, g["licensee"])
        if by != licensor or to == licensee or not overlap(run, wanted, scope_of(run, n)):
            continue
        if kind in (*FULL, "Sole") or (kind == "CoExclusive" and to not in others):
            bars.append((False, n))
    for h in holders(run, day):
        # A sublicense that promises something bars its grantor as a license of that kind would.
        if h.promise and h.grantor == by and h.person != to and overlap(run, wanted, h.scope):
            norm = run.norm(day, h.head)
            if norm is not None and run.in_force(norm, day):
                bars.append((False, norm))
    if bars:
        return bars, None
    heads = []
    for n in licenses:
        if run.stands_for(n.cid, n.head[1]["licensee"]) == by and overlap(run, wanted, scope_of(run, n)):
            heads.append(SimpleNamespace(norm=n, scope=scope_of(run, n), level=0, holder=None))
    for h in holders(run, day):
        if h.person == by and overlap(run, wanted, h.scope):
            norm = run.norm(day, h.head)
            if norm is not None:
                heads.append(SimpleNamespace(norm=norm, scope=h.scope, level=h.level, holder=h))
    for head in heads:
        if allows(run, head, event, scope_for(head.norm)):
            return [(True, head.norm)], head
    return ([(False, heads[0].norm)], None) if heads else ([], None)


def allows(run, head, event, scope):
    """Whether a head allows a grant under it."""
    norm, holder, wanted = head.norm, head.holder, event_scope(event)
    right = norm.mod("MaySublicense")
    if right is None or (holder is not None and not holder.sublicense):
        return False
    if right["to"] and not run.is_who({"Named": right["to"]}, event.fields["to"], norm, scope):
        return False
    if right["depth"] is not None and head.level + 1 > right["depth"]:
        return False
    if not within(run, wanted, head.scope):
        return False
    if promise(event) is not None:
        full = holder.promise in ("exclusive", "except grantor") if holder is not None else exclusivity(run, norm, scope)[0] in FULL
        if not full:
            return False
    through, last = event.fields.get("through"), run.term(norm, event.date).last
    if holder is not None and holder.through is not None:
        last = min(last, holder.through)
    return through is None or through <= last


def _word(event):
    v = event.fields.get("exclusivity")
    return "non-exclusive" if v is None else (v.name if isinstance(v, expr.Term) else str(v)).lower()


def promise(event):
    """What a grant promises to keep from others: `exclusive`, `except grantor`, `sole`, or None. An event names no set."""
    word = "".join(c for c in _word(event) if c.isalnum())
    if word == "sole":
        return "sole"
    if word == "exclusiveexceptgrantor":
        return "except grantor"
    return "exclusive" if word.startswith("exclusive") else None


def record(run, event, head):
    """Makes the grantee a holder."""
    norm = head.norm
    run.fact(
        "holder",
        event.date,
        norm.cid,
        person=event.fields["to"].name,
        grantor=event.fields["by"].name,
        scope=event_scope(event),
        through=event.fields.get("through"),
        sublicense=bool(event.fields.get("sublicense")),
        promise=promise(event),
        head=norm.id,
        parent=head.holder.id if head.holder else None,
        level=head.level + 1,
        surviving=norm.has("Surviving"),
    )
