"""Powers and relief: what an exercise or a cause changes, and when (section 7)."""

import duties
import expr
import sums
from dates import DAY, add
from tree import variant
from values import Length


def exercise(run, norm, event):
    """An exercise with ground: takes effect after the row, or at the end of its notice."""
    notice = norm.mod("Notice")
    scope = expr.Scope(run, event.date, len(run.rows), event=event, norm=norm)
    actor = event.fields.get("by")
    if notice is None:
        take_effect(run, norm, event, event.date)
    else:
        day = add(event.date, expr.length_of(notice, scope), run.deal.reckoning, norm.months)
        run.fact("notice", event.date, norm.cid, takes=day, norm=norm, event=event, actor=actor)


def targets(run, norm, day):
    """The clauses that a power bears on."""
    kind, names = variant(norm.head[1]["targets"])
    if kind == "Clauses":
        return list(names)
    return [c.id for c in run.version(day).clauses]


def bears_on(run, notice, clause, day):
    """Whether a notice bears on a clause, as its power is written that day."""
    norm = notice.norm
    if clause not in targets(run, norm, day):
        return False
    if norm.head[1]["act"] != "Terminate":
        return True
    spared = {n for x in norm.mods("Surviving") for n in x["ids"]}
    whole = variant(norm.head[1]["targets"])[0] == "Agreement"
    return clause not in spared and not (whole and _survives(run, clause, day))


def take_effect(run, norm, event, day):
    """Changes what is in force."""
    act = norm.head[1]["act"]
    whole = variant(norm.head[1]["targets"])[0] == "Agreement"
    spared = {n: x["lasting"] for x in norm.mods("Surviving") for n in x["ids"]}
    for cid in targets(run, norm, day):
        if act == "Terminate":
            if cid in spared or (whole and _survives(run, cid, day)):
                if spared.get(cid) is not None:
                    scope = expr.Scope(run, day, len(run.rows), event=event, norm=norm)
                    length = expr.length_of(spared[cid], scope)
                    run.fact("outlasts", day, cid, last=add(day, length, run.deal.reckoning, norm.months))
                continue
            run.fact("ended", day, cid, part=None)
        elif act == "Suspend":
            run.fact("suspended", day, cid, stops=norm.mod("Clocks") is True)
        elif act == "Resume":
            run.fact("resumed", day, cid)
        elif act == "Extend":
            scope = expr.Scope(run, day, len(run.rows), event=event, norm=norm)
            run.fact("extended", day, cid, length=expr.length_of(norm.mod("Lasting"), scope))
        else:
            run.fact("assigned", day, cid, old=event.fields["by"].name, new=event.fields["to"].name)


def _survives(run, cid, day):
    return any(n.cid == cid and n.kind == "Grants" and n.has("Surviving") for n in run.norms(day))


def notices(run, day):
    """At the end of a day: what was noticed takes effect."""
    for f in [f for f in run.facts if f.kind == "notice" and f.takes == day]:
        take_effect(run, f.norm, f.event, day)


def relief(run, event, scope_for):
    """What a row relieves, and which relief it ends."""
    for f in [f for f in run.facts if f.kind == "relief"]:
        if run.relief_runs(f, event.date) and any(_ends(run, f, ref, event) for ref in f.until):
            run.fact("relief-ended", event.date, f.clause, relief=f.id)
    for n in run.norms(event.date):
        if n.kind not in ("Excuses", "ExtendsTime"):
            continue
        _, x = n.head
        key = run.key_of(n, event) or ()
        scope = scope_for(n, key)
        ref = {**x["cause"], "same": []}
        if not run.in_force(n, event.date, key, event) or not sums.matches(ref, event, scope):
            continue
        if run.excepted(n, scope) or not all(expr.holds(c, scope) for c in n.mods("Where") + n.mods("OnlyIf")):
            continue
        if n.kind == "ExtendsTime":
            _extend(run, n, event, scope)
        else:
            _excuse(run, n, event, scope)


def _ends(run, f, ref, event):
    scope = expr.Scope(run, event.date, len(run.rows), event=event)
    return sums.matches(ref, event, scope, f.event)


def _excuse(run, n, event, scope):
    through = None
    if n.has("Lasting"):
        through = add(event.date, expr.length_of(n.mod("Lasting"), scope), run.deal.reckoning, n.months)
    stops = n.mod("Clocks") is True
    run.fact(
        "relief",
        event.date,
        n.cid,
        targets=n.head[1]["targets"],
        through=through,
        stops=stops,
        until=n.mods("Until"),
        event=event,
        same=n.head[1]["cause"]["same"] + n.key_fields,
    )


def _extend(run, n, event, scope):
    by = expr.evaluate(n.head[1]["by"], scope)
    f = type("Cause", (), {"event": event, "same": n.head[1]["cause"]["same"] + n.key_fields})
    if not isinstance(by, Length):
        by = Length(int(by), "Days")
    for cid in n.head[1]["targets"]:
        for ob, s in duties.obligations(run, cid):
            if not s.lapsed and s.written is not None and concerns(f, ob):
                day = add(s.written, by, run.deal.reckoning, n.months)
                run.fact("moved", event.date, cid, ob=ob.id, deadline=day)


def concerns(f, ob):
    """Whether a relief concerns an obligation: `of the same K` asks for equal fields of its trigger."""
    for k in f.same:
        of = ob.trigger.fields.get(k) if ob.trigger is not None else dict(ob.key).get(k)
        if of is None or of != f.event.fields.get(k):
            return False
    return True


def stops(run, ob):
    """When the clock of an obligation has stood still: [(from the end of, to the end of or None)]."""
    out = []
    for f in run.facts:
        if f.kind == "relief" and f.stops and ob.clause in f.targets and concerns(f, ob):
            over = next((g.date for g in run.facts if g.kind == "relief-ended" and g.relief == f.id), None)
            out.append((f.date, min([d for d in (f.through, over) if d is not None], default=None)))
    begun = None
    for f in run.visible(ob.clause):
        if f.kind == "suspended":
            begun = begun or (f.date if f.stops else None)
        elif f.kind == "resumed" and begun is not None:
            out.append((begun, f.date))
            begun = None
    if begun is not None:
        out.append((begun, None))
    clause = next((c for c in run.version(run.today).clauses if c.id == ob.clause), None)
    scope = expr.Scope(run, run.today, len(run.rows), norm=ob.norm)
    for start, end, still, made in clause.suspensions if clause else ():
        if still:
            first = expr.date_of(start, scope) if start else made
            out.append((first - DAY, expr.date_of(end, scope, last=True) if end else None))
    return out


def stopped_days(run, ob):
    """The days by which a clock has stood still up to today; a day is counted once."""
    days = set()
    for a, b in stops(run, ob):
        day = max(a, ob.date)
        while day < min(b or run.today, run.today):
            days.add(day)
            day += DAY
    return len(days)


def clocks_stopped(run, ob, day):
    """Whether the clock of an obligation stands still at the end of a day."""
    return any(a <= day and (b is None or day < b) for a, b in stops(run, ob))


def excuse_for(run, ob, day):
    """The clause whose relief excuses a lapse, or None."""
    for f in run.facts:
        if f.kind == "relief" and not f.stops and ob.clause in f.targets and concerns(f, ob) and run.relief_runs(f, day):
            return f.clause
    return None
