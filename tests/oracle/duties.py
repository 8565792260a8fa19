"""Obligations: opened, performed, moved, lapsed (section 5).

Data flow: `opened` facts, and the facts that later bear on each -> its standing, asked anew each time.
Invariant: an obligation keeps the sentence under which it was opened.
"""

from fractions import Fraction
from types import SimpleNamespace

import expr
import powers
import sums
from dates import DAY, add, period_of
from values import Money


def scope_of(run, ob, event, day):
    """The scope in which an obligation is judged: the event at hand and the one that opened it."""
    norm = run.text_of(ob.norm, day)
    return expr.Scope(run, day, len(run.rows), event=event, trigger=ob.trigger, norm=norm, key=dict(ob.key))


def standing(run, ob):
    """Deadline as written and as it stands, what is done, and whether it has lapsed or is closed."""
    s = SimpleNamespace(written=ob.deadline, deadline=None, done=Fraction(0), lapsed=False, closed=False)
    for f in run.facts:
        if getattr(f, "ob", None) != ob.id:
            continue
        if f.kind == "moved":
            s.written = f.deadline
        elif f.kind == "part":
            s.done += f.amount
        elif f.kind == "lapsed":
            s.lapsed, s.deadline = True, f.deadline
        elif f.kind == "closed":
            s.closed = True
    if not s.lapsed and s.written is not None:
        s.deadline = s.written + DAY * powers.stopped_days(run, ob)
    return s


def obligations(run, clause=None):
    """Every obligation that is not closed, oldest first, with its standing."""
    out = []
    for f in run.facts:
        if f.kind == "opened" and clause in (None, f.clause):
            s = standing(run, f)
            if not s.closed:
                out.append((f, s))
    return out


def open_one(run, norm, key, day, deadline, trigger, row, period=None):
    """Opens an obligation."""
    scope = expr.Scope(run, day, len(run.rows), event=trigger, trigger=trigger, norm=norm, key=dict(key))
    quantity = norm.mod("Totalling")
    amount = None
    if quantity is not None:
        v = expr.evaluate(quantity["amount"], scope)
        amount = v.minor if isinstance(v, Money) else v
    return run.fact(
        "opened",
        day,
        norm.cid,
        part=norm.part,
        depth=norm.depth,
        key=key,
        norm=norm,
        deadline=deadline,
        trigger=trigger,
        row=row,
        quantity=amount,
        period=period,
    )


def triggered(run, event, scope_for):
    """The duties that a row opens: (norm, key, deadline)."""
    out = []
    for n in run.norms(event.date):
        window = n.mod("Within")
        if not n.is_duty or window is None or window["of"]["event"] != event.kind:
            continue
        key = run.key_of(n, event)
        if key is None or not run.in_force(n, event.date, key, event):
            continue
        scope = scope_for(n, key)
        ref = {**window["of"], "same": []}
        met = sums.matches(ref, event, scope) and all(expr.holds(c, scope) for c in n.mods("OnlyIf"))
        if met and not run.excepted(n, scope):
            length = expr.length_of(window["length"], scope)
            out.append((n, key, add(event.date, length, run.deal.reckoning, n.months)))
    return out


def fits(run, ob, event):
    """Whether an event is a performance of an obligation."""
    n = run.text_of(ob.norm, event.date)
    head = n.head[1]
    if event.kind != head["event"] or any(event.fields.get(f) != v for f, v in ob.key):
        return False
    scope = scope_of(run, ob, event, event.date)
    actor = event.fields.get("by")
    if actor is not None and not run.is_who(head["who"], actor, n, scope):
        return False
    window = n.mod("Within")
    if window is not None and ob.trigger is not None:
        for f in window["of"]["same"]:
            if event.fields.get(f) is None or event.fields[f] != ob.trigger.fields.get(f):
                return False
    return all(expr.holds(c, scope) for c in n.mods("Where"))


def performances(run, event):
    """What a row performs: [(obligation, standing, amount or None, completes)], oldest first per sentence."""
    groups = {}
    for ob, s in obligations(run):
        if fits(run, ob, event):
            groups.setdefault((ob.clause, ob.part, ob.depth), []).append((ob, s))
    out = []
    for group in groups.values():
        group.sort(key=lambda p: (p[1].lapsed, p[0].id))
        head = group[0][0]
        if head.quantity is None:
            out.append((*group[0], None, True))
            continue
        quantity = run.text_of(head.norm, event.date).mod("Totalling") or head.norm.mod("Totalling")
        v = event.fields[quantity["field"]]
        rest = v.minor if isinstance(v, Money) else v
        for ob, s in group:
            if rest is None or rest <= 0:
                break
            part = min(rest, ob.quantity - s.done)
            rest -= part
            out.append((ob, s, part, s.done + part >= ob.quantity))
    return out


def opened_by_time(run, day):
    """Opens what the start of a day opens: `by`, `each`, `within ... after each`, `no deadline`."""
    for n in run.norms(day):
        if not n.is_duty or n.has("Within"):
            continue
        if not (n.has("By") or n.has("Each") or n.has("WithinEach") or n.has("NoDeadline")):
            continue
        for key in run.keys(n):
            if n.has("By"):
                moved_by_text(run, n, key, day)
            if not run.in_force(n, day, key):
                continue
            scope = expr.Scope(run, day, len(run.rows), norm=n, key=dict(key))
            before = [
                f
                for f in run.visible(n.cid)
                if f.kind == "opened" and (f.part, f.depth, f.key) == (n.part, 0, key) and f.trigger is None and (f.period is not None) == (n.has("Each") or n.has("WithinEach"))
            ]
            if n.has("Each"):
                period = period_of(day, n.mod("Each"), run.deal.reckoning)
                if day != period[0] and day not in fresh_days(run, n, day):
                    continue
                if period[1] > run.term(n, day).last or any(f.period[1] >= period[1] for f in before):
                    continue
                deadline = period[1]
            elif n.has("WithinEach"):
                after = n.mod("WithinEach")
                period = period_of(day, after["period"], run.deal.reckoning)
                if day != period[1] or day > run.term(n, day).last or any(f.period[1] >= day for f in before):
                    continue
                deadline = add(day, expr.length_of(after["length"], scope), run.deal.reckoning, n.months)
            else:
                period = None
                deadline = expr.date_of(n.mod("By"), scope, last=True) if n.has("By") else None
                if before:
                    continue
                if deadline is not None and deadline < day:
                    continue
            if not run.excepted(n, scope) and all(expr.holds(c, scope) for c in n.mods("OnlyIf")):
                yield open_one(run, n, key, day, deadline, None, None, period)


def fresh_days(run, norm, day):
    """Days beside a period's first on which a recurring duty can open: where its text or its term begins or moves."""
    t = run.term(norm, day)
    moved = [f.date + DAY for f in run.visible(norm.cid) if f.kind == "extended"]
    return {t.first, t.began, run.effective, *moved, *(a[1] for a in run.amendments)}


def moved_by_text(run, norm, key, day):
    """An amendment that moves the day of a `by` moves what is open."""
    if not any(a[1] == day for a in run.amendments):
        return
    deadline = expr.date_of(norm.mod("By"), expr.Scope(run, day, len(run.rows), norm=norm), last=True)
    for ob, s in obligations(run, norm.cid):
        if ob not in run.visible(norm.cid):
            continue  # of a term that had ended before the clause began anew
        # What an event or a period has opened has no such day.
        if ob.trigger is not None or ob.period is not None:
            continue
        if (ob.part, ob.depth, ob.key) == (norm.part, 0, key) and not s.lapsed and s.written != deadline:
            run.fact("moved", day, norm.cid, ob=ob.id, deadline=deadline)


def breach(run, norm, key, day, trigger, row):
    """Notes a breach and starts its reparation. Returns the payment that is to be assessed, if it is one."""
    run.fact("breach", day, norm.cid, key=key)
    return repair(run, norm, key, day, trigger, row)


def repair(run, norm, key, day, trigger, row):
    """Starts the reparation of a breach. Returns the payment that is to be assessed, if it is one."""
    repair = norm.reparation
    if repair is None:
        return None
    if repair.is_payment:
        return None if repair.has("PerDelay") else repair
    if repair.is_duty:
        window = repair.mod("Within")
        scope = expr.Scope(run, day, len(run.rows), trigger=trigger, norm=repair, key=dict(key))
        until = None
        if window is not None:
            until = add(day, expr.length_of(window["length"], scope), run.deal.reckoning, repair.months)
        elif repair.has("By"):
            until = expr.date_of(repair.mod("By"), scope, last=True)
        open_one(run, repair, key, day, until, trigger, row)
    return None


def start_of_delay(ob, s):
    """The day from which a delay is counted."""
    return s.deadline


def next_day(day):
    return day + DAY
