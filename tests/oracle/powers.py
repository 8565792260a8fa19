"""Powers and relief: what an exercise or a cause changes, and when (section 7)."""

from datetime import timedelta

import duties
import expr
import sums
from dates import add
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


def take_effect(run, norm, event, day):
    """Changes what is in force."""
    act = norm.head[1]["act"]
    whole = variant(norm.head[1]["targets"])[0] == "Agreement"
    spared = {n for x in norm.mods("Surviving") for n in x}
    for cid in targets(run, norm, day):
        if act == "Terminate":
            if cid in spared or (whole and _survives(run, cid, day)):
                continue
            run.fact("ended", day, cid, part=None)
        elif act == "Suspend":
            run.fact("suspended", day, cid, stops=norm.mod("Clocks") is True)
        elif act == "Resume":
            _resume(run, cid, day)
            run.fact("resumed", day, cid)
        elif act == "Extend":
            scope = expr.Scope(run, day, len(run.rows), event=event, norm=norm)
            run.fact("extended", day, cid, length=expr.length_of(norm.mod("Lasting"), scope))
        else:
            run.fact("assigned", day, cid, old=event.fields["by"].name, new=event.fields["to"].name)


def _survives(run, cid, day):
    return any(n.cid == cid and n.kind == "Grants" and n.has("Surviving") for n in run.norms(day))


def _resume(run, cid, day):
    stop = next((f for f in reversed(run.visible(cid)) if f.kind in ("suspended", "resumed")), None)
    if stop is not None and stop.kind == "suspended" and stop.stops:
        move(run, [cid], None, lambda ob: day - max(stop.date, ob.date))


def notices(run, day):
    """At the end of a day: what was noticed takes effect."""
    for f in [f for f in run.facts if f.kind == "notice" and f.takes == day]:
        take_effect(run, f.norm, f.event, day)


def relief(run, event, scope_for):
    """What a row relieves, and which relief it ends."""
    for f in [f for f in run.facts if f.kind == "relief"]:
        if run.relief_runs(f, event.date) and any(_ends(run, f, ref, event) for ref in f.until):
            run.fact("relief-ended", event.date, f.clause, relief=f.id)
            if f.stops:
                move(run, f.targets, f, lambda ob, f=f: event.date - max(f.date, ob.date))
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
    f = run.fact(
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
    if stops and through is not None:
        move(run, f.targets, f, lambda ob: through - event.date)


def _extend(run, n, event, scope):
    by = expr.evaluate(n.head[1]["by"], scope)
    f = type("Cause", (), {"event": event, "same": n.head[1]["cause"]["same"] + n.key_fields})
    if not isinstance(by, Length):
        by = Length(int(by), "Days")
    for cid in n.head[1]["targets"]:
        for ob, s in duties.obligations(run, cid):
            if not s.lapsed and s.deadline is not None and concerns(f, ob):
                day = add(s.deadline, by, run.deal.reckoning, n.months)
                run.fact("moved", event.date, cid, ob=ob.id, deadline=day)


def concerns(f, ob):
    """Whether a relief concerns an obligation: `of the same K` asks for equal fields of its trigger."""
    for k in f.same:
        of = ob.trigger.fields.get(k) if ob.trigger is not None else dict(ob.key).get(k)
        if of is None or of != f.event.fields.get(k):
            return False
    return True


def move(run, clauses, f, by):
    """Moves the deadlines of what is open."""
    for cid in clauses:
        for ob, s in duties.obligations(run, cid):
            if not s.lapsed and s.deadline is not None and (f is None or concerns(f, ob)):
                days = by(ob)
                if days > timedelta(0):
                    run.fact("moved", run.today, cid, ob=ob.id, deadline=s.deadline + days)


def clocks_stopped(run, ob, day):
    """Whether the clock of an obligation stands still."""
    for f in run.facts:
        if f.kind == "relief" and f.stops and f.through is None and ob.clause in f.targets and concerns(f, ob):
            if run.relief_runs(f, day):
                return True
    last = next((f for f in reversed(run.visible(ob.clause)) if f.kind in ("suspended", "resumed")), None)
    return last is not None and last.kind == "suspended" and last.stops


def excuse_for(run, ob, day):
    """The clause whose relief excuses a lapse, or None."""
    for f in run.facts:
        if f.kind == "relief" and not f.stops and ob.clause in f.targets and concerns(f, ob) and run.relief_runs(f, day):
            return f.clause
    return None
