"""What the start and the end of a day bring, in the order of section 8.

Data flow: a history and a day -> facts, and dated outcomes for the report.
"""

from datetime import date
from fractions import Fraction

import duties
import expr
import ledger
import payments
import powers
import sums
from dates import DAY, period_of
from tree import variant


def scope_at(run, day, norm=None, key=(), trigger=None):
    return expr.Scope(run, day, len(run.rows), norm=norm, key=dict(key), trigger=trigger)


def post(run, drafts):
    """Appends accruals that time brings, and reports them."""
    for d in drafts:
        f = accrue(run, d)
        if f.amount:
            run.report_clock(f.date, f.clause, f.key, "accrued", accrual=f)


def accrue(run, draft):
    draft = dict(draft)
    day, clause = draft.pop("date"), draft.pop("clause")
    draft.setdefault("floor", None)
    draft.setdefault("expires", None)
    draft.setdefault("period", None)
    return run.fact("accrual", day, clause, **draft)


def on_day(run, norm, day, key, conditions=True, suspended=True):
    """Whether a norm was in force on a day that is over: what ended it that day leaves the day to it."""
    ended = run.ended(norm, key)
    if ended is not None and ended.date < day:
        return False
    t = run.term(norm, day)
    if not t.first <= day <= t.last or (suspended and run.suspended(norm, day)):
        return False
    return not conditions or all(expr.holds(c, scope_at(run, day, norm, key)) for c in norm.mods("While"))


def ends_on(run, norm, day, key):
    """Whether a day is the last of a norm."""
    ended = run.ended(norm, key)
    if ended is not None:
        return ended.date == day
    if run.term(norm, day).last == day and not will_renew(run, norm, day):
        return True
    return run.norm(day + DAY, norm.id) is None


def will_renew(run, norm, day):
    """Whether the term goes on at the end of its last day: asked once, of all instances together."""
    r = norm.mod("Renews")
    if r is None or any(f.kind == "outlasts" for f in run.visible(norm.cid)):
        return False
    done = sum(1 for f in run.visible(norm.cid) if f.kind == "renewed" and f.part == norm.part)
    if r["times"] is not None and done >= r["times"]:
        return False
    return expr.holds(r["condition"], scope_at(run, day, norm))


# ---------------------------------------------------------------------- the start of a day


def start(run, day):
    """Everything that stands at the start of a day."""
    run.today = day
    _begin_anew(run, day)
    _look_back(run, day)
    if day == run.effective or any(a[1] == day for a in run.amendments):
        # What the past has reached ends a sentence before it begins.
        _reached(run, day, day - DAY)
    _forfeit(run, day)
    for ob in duties.opened_by_time(run, day):
        run.report_clock(day, ob.clause, ob.key, "opened")
    advances(run, day)


def _begin_anew(run, day):
    before = {c.id: c for c in run.version(day - DAY).clauses} if day > run.effective else {}
    for c in run.version(day).clauses:
        if day not in c.restarts:
            continue
        fresh = c.id not in before
        if not fresh:
            own = [n for n in run.norms(day - DAY) if n.cid == c.id]
            fresh = all(run.ended(n) is not None or run.term(n, day - DAY).last < day - DAY for n in own)
        if fresh:
            run.fact("anew", day, c.id)


def _look_back(run, day):
    """An `until` that an amendment puts in ends what a row has met since the clause was in the text."""
    if not any(a[1] == day for a in run.amendments):
        return
    for n in run.norms(day):
        refs = [] if n.kind == "Excuses" or n.key_fields else [r for r in n.mods("Until") if not r["same"]]
        since = run.since(n.clause)
        met = any(
            e.date >= since and sums.matches(r, e, scope_at(run, e.date, n, ()).at(e, i))
            for r in refs
            for i, e in enumerate(run.rows)
        )
        if met and not run.ended(n):
            run.fact("ended", day - DAY, n.cid, part=n.part)


def _forfeit(run, day):
    for cid, (when, saving) in run.version(day).struck.items():
        if saving or when != day:
            continue
        for ob, _ in duties.obligations(run, cid):
            run.fact("closed", day, cid, ob=ob.id)
        for f in [f for f in run.facts if f.clause == cid and f.kind == "accrual" and not f.fallen]:
            if f.component == "interest":
                continue
            f.due = date.max
            draft = {k: v for k, v in vars(f).items() if k not in ("id", "kind", "amount", "date")}
            post(run, [{**draft, "date": day, "amount": -f.amount, "component": "principal"}])


def advances(run, day, at_end=False):
    """Payments in advance: at the start of a day, or (of what was resumed on the last day of its period) at its end."""
    for n in run.norms(day):
        if n.is_payment and n.has("Each") and n.mod("InAdvance") is True:
            for key in run.keys(n):
                if not at_end or (n.has("Prorated") and day == period_of(day, n.mod("Each"), run.deal.reckoning)[1]):
                    _advance(run, n, key, day)


def _advance(run, n, key, day):
    t = run.term(n, day)
    span = period_of(day, n.mod("Each"), run.deal.reckoning)
    began = run.instance_began(n, key)
    first = max(span[0], t.first, began, run.since(n.clause))
    life = (n.id, key, run.since(n.clause), span[0])
    paid = run.paid_for.setdefault(life, set())
    factor = None
    if n.has("Prorated"):
        if not t.first <= day <= t.last or run.ended(n, key) or run.suspended(n, day):
            return
        days = [d for d in _days(first, span[1]) if d not in paid and known_in_force(run, n, d, day)]
        if not days:
            return
        paid.update(days)
        factor = Fraction(len(days), (span[1] - span[0]).days + 1)
    elif paid or day != first:
        return
    else:
        # As a whole: whatever an amendment makes of the text within the period, its days are paid for.
        paid.update(_days(*span))
    scope = scope_at(run, day, n, key)
    if run.in_force(n, day, key) and payments.guarded(run, n, scope):
        post(run, payments.assess(run, n, key, day, scope, factor=factor))


def begun_by(run, event):
    """Payments in advance of the instances that a row has begun: right after it."""
    for n in run.norms(event.date):
        if n.is_payment and n.has("Each") and n.mod("InAdvance") is True and n.key_fields:
            key = run.key_of(n, event)
            if key is not None and not any(run.key_of(n, e) == key for e in run.rows[:-1] if e.date >= run.since(n.clause)):
                _advance(run, n, key, event.date)


def _days(first, last):
    return [first + i * DAY for i in range((last - first).days + 1)]


def known_in_force(run, n, d, today):
    """Whether a day is in force as far as is known today: by the term, by past suspensions, and by notices given."""
    t = run.term(n, today)
    if not t.first <= d <= t.last:
        return False
    stopped = d < today and d in run.suspended_days.get(n.cid, ()) or d >= today and run.suspended(n, d)
    given = [f for f in run.facts if f.kind == "notice" and today <= f.takes and powers.bears_on(run, f, n.cid, today)]
    for f in sorted(given, key=lambda f: f.takes):
        act = f.norm.head[1]["act"]
        if act == "Terminate" and d > f.takes:
            return False
        if act in ("Suspend", "Resume") and d >= f.takes:
            stopped = act == "Suspend"
    return not stopped


# ---------------------------------------------------------------------- the end of a day


def end(run, day):
    """Everything dated at the end of a day, step by step."""
    run.today = day
    powers.notices(run, day)
    for c in run.version(day).clauses:
        norms = [n for n in run.norms(day) if n.cid == c.id]
        if norms and run.suspended(norms[0], day):
            run.suspended_days.setdefault(c.id, set()).add(day)
    advances(run, day, at_end=True)
    _period_payments(run, day)
    _floors(run, day)
    _reached_by_time(run, day)
    _fall_due(run, day)
    _reached_by_time(run, day)
    _deadlines(run, day)
    _unpaid(run, day)
    _reached_by_time(run, day)
    _renewals(run, day)


def _damages(run, day, norm):
    """Damages for a lapse of the day before: of a sentence, or of every sentence no longer in the text."""
    for f in [f for f in run.facts if f.kind == "repair" and f.date == day]:
        own = f.norm.id[:2] == norm.id[:2] if norm is not None else run.norm(day, (*f.norm.id[:2], 0)) is None
        if own:
            text = run.text_of(f.norm, day)
            scope = scope_at(run, day, text, f.key, f.trigger)
            if payments.guarded(run, text, scope):
                post(run, payments.assess(run, text, f.key, day, scope, "damages"))


def _period_payments(run, day):
    for n in run.norms(day):
        if not n.is_payment:
            _damages(run, day, n)
            continue
        for key in run.keys(n) if (n.has("Each") or n.has("OnDate")) else []:
            on = on_day(run, n, day, key)
            if on_day(run, n, day, key, conditions=False):
                run.days_in_force.add((n.id, key, day))
            if n.has("Each") and n.has("Prorated"):
                on = on_day(run, n, day, key, suspended=False)
            scope = scope_at(run, day, n, key)
            if n.has("OnDate") and on and expr.date_of(n.mod("OnDate"), scope) == day:
                if payments.guarded(run, n, scope):
                    post(run, payments.assess(run, n, key, day, scope))
            elif n.has("Each") and n.mod("InAdvance") is not True:
                _arrears(run, n, key, day, on, scope)


    _damages(run, day, None)


def _arrears(run, n, key, day, on, scope):
    span = period_of(day, n.mod("Each"), run.deal.reckoning)
    if not on or not (day == span[1] or ends_on(run, n, day, key)) or not payments.guarded(run, n, scope):
        return
    factor = None
    if n.has("Prorated"):
        inside = sum(1 for i in range((span[1] - span[0]).days + 1) if (n.id, key, span[0] + i * DAY) in run.days_in_force)
        factor = Fraction(inside, (span[1] - span[0]).days + 1)
    post(run, payments.assess(run, n, key, day, scope, factor=factor))


def _floors(run, day):
    for n in run.norms(day):
        if not n.is_payment or not n.has("Floor"):
            continue
        for key in run.keys(n):
            for i, floor in enumerate(n.mods("Floor")):
                kind = variant(floor["per"])[0]
                if kind in ("Event", "Rolling") or not on_day(run, n, day, key):
                    continue
                span = payments.span_of(run, floor["per"], day)
                if day == span[1] or ends_on(run, n, day, key):
                    draft = payments.shortfall(run, n, key, day, scope_at(run, day, n, key), i, span)
                    post(run, [draft] if draft else [])


def _fall_due(run, day):
    falling = {}
    for f in run.facts:
        if f.kind == "accrual" and not f.fallen and f.due <= day and f.component != "interest":
            f.fallen = True
            where = (f.clause, f.part, f.depth, f.key, ledger.flow(f))
            falling[where] = falling.get(where, 0) + f.amount
    order = lambda where: (where[1], where[2])
    for (clause, part, depth, key, flow), amount in sorted(falling.items(), key=lambda x: order(x[0])):
        fell = run.fact("fell", day, clause, part=part, depth=depth, key=key, flow=flow)
        if amount:
            run.report_clock(day, clause, key, "fell-due", amount=amount)
        post(run, late_on(run, fell))


def _deadlines(run, day):
    for ob, s in duties.obligations(run):
        if s.lapsed or s.deadline is None or s.deadline > day or powers.clocks_stopped(run, ob, day):
            continue
        by = powers.excuse_for(run, ob, day)
        if by is not None:
            run.fact("closed", day, ob.clause, ob=ob.id)
            run.report_clock(day, ob.clause, ob.key, "excused")
            continue
        run.fact("lapsed", day, ob.clause, ob=ob.id, deadline=s.deadline)
        run.report_clock(day, ob.clause, ob.key, "lapsed")
        repair = duties.breach(run, run.text_of(ob.norm, day), ob.key, day, ob.trigger, ob.row)
        if repair is not None:
            run.fact("repair", day + DAY, ob.clause, key=ob.key, norm=repair, trigger=ob.trigger)


def _unpaid(run, day):
    if not run.deal.tracked:
        return
    for clause in sorted({f.clause for f in run.facts if f.kind == "accrual" and f.due == day}):
        for a in ledger.amounts_of(run, clause):
            told = any(f.kind == "unpaid" and f.clause == clause and f.amount_of == a.first.id for f in run.facts)
            if a.due == day and a.left > 0 and not told:
                run.fact("unpaid", day, clause, key=a.key, amount_of=a.first.id)
                run.fact("breach", day, clause, key=a.key)
                run.report_clock(day, clause, a.key, "unpaid", amount=a.left)


def _at_level(run, n, x, key, day):
    scope = scope_at(run, day, n, key)
    total, level = expr.evaluate(x["sum"], scope), expr.evaluate(x["level"], scope)
    return expr._ordered(total) >= expr._ordered(level)


def _reached(run, day, dated=None):
    """`until SUM reaches LEVEL`: what a row, or a text, has brought to its level."""
    for n in run.norms(day):
        for x in n.mods("UntilReaches"):
            for key in run.keys(n):
                if not run.ended(n, key) and _at_level(run, n, x, key, day):
                    run.fact("ended", dated or day, n.cid, part=n.part, key=key)


def spent_before(run, event):
    """An instance that a row is the first to name is asked before the row."""
    for n in run.norms(event.date):
        key = run.key_of(n, event) if n.key_fields and not n.table else None
        if key is None or key in run.keys(n) or run.ended(n, key):
            continue
        if any(_at_level(run, n, x, key, event.date) for x in n.mods("UntilReaches")):
            run.fact("ended", event.date - DAY, n.cid, part=n.part, key=key)


def _reached_by_time(run, day):
    """The same of what time has brought: the periods and floors of what it ends are closed at the end of the day."""
    more = True
    while more:
        more = False
        for n in run.norms(day):
            for x in n.mods("UntilReaches"):
                for key in run.keys(n):
                    if run.ended(n, key) or not _at_level(run, n, x, key, day):
                        continue
                    more = True
                    stood = on_day(run, n, day, key, conditions=False, suspended=False)
                    closed = ends_on(run, n, day, key)
                    run.fact("ended", day, n.cid, part=n.part, key=key)
                    if n.is_payment and stood and not closed:
                        _close(run, n, key, day)
        if more:
            _fall_due(run, day)
            _unpaid(run, day)


def _close(run, n, key, day):
    """Closes the periods and floors of an instance on a day that is not the last of them otherwise."""
    reck = run.deal.reckoning
    if n.has("Each") and n.mod("InAdvance") is not True and day != period_of(day, n.mod("Each"), reck)[1]:
        on = on_day(run, n, day, key, suspended=not n.has("Prorated"))
        _arrears(run, n, key, day, on, scope_at(run, day, n, key))
    for i, floor in enumerate(n.mods("Floor")):
        if variant(floor["per"])[0] in ("Event", "Rolling") or not on_day(run, n, day, key):
            continue
        span = payments.span_of(run, floor["per"], day)
        if day != span[1]:
            draft = payments.shortfall(run, n, key, day, scope_at(run, day, n, key), i, span)
            post(run, [draft] if draft else [])


def _renewals(run, day):
    for n in run.norms(day):
        if not n.has("Renews") or run.ended(n) or run.term(n, day).last != day:
            continue
        if will_renew(run, n, day):
            from dates import add

            length = expr.length_of(n.mod("Renews")["length"], scope_at(run, day, n))
            last = add(day + DAY, length, run.deal.reckoning, n.months) - DAY
            run.fact("renewed", day, n.cid, part=n.part, began=day + DAY, last=last)


# ---------------------------------------------------------------------- the end of the run


def provisional(run, day):
    """Amounts that are still running at the clock: late interest and damages for delay."""
    for ob, s in duties.obligations(run):
        repair = run.text_of(ob.norm, day).reparation
        if s.lapsed and repair is not None and repair.is_payment and repair.has("PerDelay"):
            drafts = delay(run, ob, s, repair, day, None)
            for d in drafts:
                if d["amount"]:
                    run.report_clock(day, ob.clause, ob.key, "provisional", draft=d)
    for clause in sorted({f.clause for f in run.facts if f.kind == "accrual"}):
        for a in ledger.amounts_of(run, clause):
            late = late_interest(run, a.first, a.left, day)
            if late:
                run.report_clock(day, clause, a.key, "provisional", draft=interest_draft(run, a.first, late, day))


def delay(run, ob, s, repair, day, event, pending=()):
    """Damages for the units of delay from the deadline to a day."""
    from dates import units_between

    per = repair.mod("PerDelay")
    units = units_between(s.deadline, day, per["unit"], per["started"], run.deal.reckoning)
    scope = expr.Scope(run, day, len(run.rows), event=event, trigger=ob.trigger, norm=repair, key=dict(ob.key))
    if not payments.guarded(run, repair, scope):
        return []
    return payments.assess(run, repair, ob.key, day, scope, "damages", times=units, row=event.row if event else None, pending=pending)


def late_interest(run, f, part, day):
    """Interest on a part of a due amount up to a day, rounded, or 0."""
    from dates import round_fraction

    norm = run.text_of(f.norm, day)
    late = norm.mod("LateInterest")
    if late is None or part <= 0 or f.due >= day:
        return 0
    rate = expr.evaluate(late["rate"], scope_at(run, day, norm, f.key))
    return round_fraction(ledger.interest(part, rate, f.due, day, late["count"]), "HalfEven")


def late_on(run, fact):
    """Drafts of the late interest on what a payment, or a set-off, settled."""
    out = []
    for a, part in ledger.settled_by(run, fact):
        late = late_interest(run, a.first, part, fact.date)
        if late:
            out.append(interest_draft(run, a.first, late, fact.date))
    return out


def interest_draft(run, f, amount, day):
    keep = ("part", "depth", "key", "payer", "payee", "currency", "norm")
    draft = {k: getattr(f, k) for k in keep}
    zero = dict(measure=None, capped=Fraction(0), exact=Fraction(0), credited={}, recouped={}, fallen=False)
    return {**draft, **zero, "clause": f.clause, "date": day, "amount": amount, "component": "interest", "due": date.max}
