"""Runs a history: the days one by one, the rows of each, and the reports of both.

Data flow: a deal, bound values, readings and rows -> outcomes per row and dated outcomes of the clock.
Invariant: a row is judged by the facts before it; what it makes is appended after everything about it is decided.
"""

from datetime import timedelta

import clock
import duties
import expr
import grants
import judge
import payments
import powers
import sums
from dates import DAY
from history import History
from tree import Fault
from values import ClauseRef, show


class Run(History):
    """One history with its reports."""

    def __init__(self, deal, values, readings, known=None):
        super().__init__(deal, values, readings, known)
        self.outcomes, self.clock = [], []
        self.days_in_force = set()
        self.suspended_days, self.paid_for = {}, {}

    def report_clock(self, day, clause, key, what, accrual=None, draft=None, amount=None):
        """Notes what time brought."""
        r = dict(date=day, clause=clause, key=tuple(show(v) for _, v in key), what=what, after=len(self.rows))
        if accrual is not None:
            r["accrual"] = accrual_record(vars(accrual))
        if draft is not None:
            r["accrual"] = accrual_record(draft)
        if amount is not None:
            r["amount"] = amount
        self.clock.append(r)

    def play(self, rows, until=None, stop="end"):
        """Plays rows in order, and time up to the `start`, the `rows` or the `end` of the last day."""
        day = min([self.effective, *(r.date for r in rows[:1])])
        last = max([until or day, *(r.date for r in rows[-1:])])
        if not rows and until is None:
            return self
        i = 0
        while day <= last:
            clock.start(self, day)
            while i < len(rows) and rows[i].date == day:
                self.outcomes.append(self.row(rows[i]))
                i += 1
            if day < last or stop == "end":
                clock.end(self, day)
            day += DAY
        if i < len(rows):
            raise Fault("a row out of date order", rows[i].row)
        if stop == "end":
            clock.provisional(self, last)
        return self

    def row(self, event):
        """Judges a row, then appends what it makes."""
        scope_for = lambda norm, key=(): judge.scope_for(self, event, norm, key)
        clock.spent_before(self, event)
        performed = duties.performances(self, event)
        in_time = [ob.clause for ob, s, _, _ in performed if not s.lapsed]
        found = judge.verdict(self, event, list(dict.fromkeys(in_time)))
        opened = duties.triggered(self, event, scope_for)
        accruals = []
        for n in self.norms(event.date):
            if n.is_payment:
                accruals += payments.drafts_on(self, n, event, scope_for, accruals)
        out = dict(row=event.row, date=event.date, kind=event.kind, verdict=found.word, duties=[], accruals=[])
        out["clauses"] = sorted(set(found.clauses))
        late, repairs = [], []
        for ob, s, _, completes in performed:
            repair = self.text_of(ob.norm, event.date).reparation
            if completes and s.lapsed and repair is not None and repair.is_payment and repair.has("PerDelay"):
                late += clock.delay(self, ob, s, repair, event.date, event, accruals + late)
        for n in found.keeps + found.broken:
            key = self.key_of(n, event) or ()
            repair = n.reparation
            if repair is not None and repair.is_payment:
                scope = expr.Scope(self, event.date, len(self.rows), event=event, trigger=event, norm=repair, key=dict(key))
                if payments.guarded(self, repair, scope):
                    repairs += payments.assess(self, repair, key, event.date, scope, "damages", row=event.row, pending=accruals + late + repairs)
        exercised = [n for n in self.norms(event.date) if n.kind == "Power" and judge.power_state(self, n, event) == "with ground"]
        ended = self._endings(event, scope_for)

        self._breaches(event, found, out)
        for d in accruals + late + repairs:
            f = clock.accrue(self, d)
            if f.amount:
                out["accruals"].append(accrual_record(vars(f)))
        for n, key, deadline in opened:
            ob = duties.open_one(self, n, key, event.date, deadline, event, event.row)
            out["duties"].append(duty_record(ob, "triggered", deadline))
        self._perform(event, performed, out)
        if event.kind == "Payment":
            self._pay(event, out)
        for n, key, same in ended:
            self.fact("ended", event.date, n.cid, part=n.part, key=key, same=same)
        powers.relief(self, event, scope_for)
        for n in exercised:
            powers.exercise(self, n, event)
        if found.head is not None and found.word not in ("breach", "unlicensed"):
            grants.record(self, event, found.head)
        self.rows.append(event)
        clock.begun_by(self, event)
        clock._reached(self, event.date)
        return out

    def _endings(self, event, scope_for):
        out = []
        for n in self.norms(event.date):
            if n.kind == "Excuses":
                continue
            for ref in n.mods("Until"):
                # An event that names the instance ends that instance alone.
                same = {k: event.fields.get(k) for k in ref["same"]}
                key = () if same else self.key_of(n, event) or ()
                if sums.matches({**ref, "same": []}, event, scope_for(n)):
                    out.append((n, key, same))
        return out

    def _breaches(self, event, found, out):
        if found.word not in ("breach", "unlicensed"):
            return
        norms = {n.cid: n for n in self.norms(event.date)}
        for cid in dict.fromkeys(found.clauses):
            if cid not in [n.cid for n in found.keeps]:
                self.fact("breach", event.date, cid, key=self.key_of(norms[cid], event) or ())
        for n in found.keeps + found.broken:
            since = len(self.facts)
            if n in found.keeps:
                duties.breach(self, n, self.key_of(n, event) or (), event.date, event, event.row)
            else:
                duties.repair(self, n, self.key_of(n, event) or (), event.date, event, event.row)
            for f in [f for f in self.facts[since:] if f.kind == "opened"]:
                out["duties"].append(duty_record(f, "triggered", f.deadline))

    def _perform(self, event, performed, out):
        for ob, s, part, completes in performed:
            if part is not None:
                self.fact("part", event.date, ob.clause, ob=ob.id, amount=part)
            if completes:
                self.fact("closed", event.date, ob.clause, ob=ob.id)
                out["duties"].append(duty_record(ob, "excused" if s.lapsed else "discharged", s.deadline))

    def _payment_norms(self, day, cid):
        """The payments of a clause: of its text of the day, their reparations, and of what has accrued."""
        for n in self.norms(max(day, self.effective)):
            while n is not None and n.cid == cid:
                if n.is_payment:
                    yield n
                n = n.reparation
        yield from (f.norm for f in self.facts if f.kind == "accrual" and f.clause == cid)

    def _between(self, norm, event):
        """Whether a payment goes from the payer to the payee of a norm."""
        _, pays = norm.head
        ends = self.stands_for(norm.cid, pays["payer"]), self.stands_for(norm.cid, pays["payee"])
        return ends == (event.fields["by"].name, event.fields["to"].name)

    def _pay(self, event, out):
        target = event.fields.get("for")
        cid = target.id if isinstance(target, ClauseRef) else target
        found = [n for n in self._payment_norms(event.date, cid) if self._between(n, event)]
        if not found:
            return
        norm = found[0]
        ends = norm.head[1]["payer"], norm.head[1]["payee"]
        key = self.key_of(norm, event)
        amount = event.fields["amount"]
        if key is None:
            return
        if amount.minor < 0:
            raise Fault("a negative payment", event.row)
        paid = self.fact("paid", event.date, cid, key=key, amount=amount.minor, currency=amount.currency, flow=(*ends, amount.currency, key))
        for draft in clock.late_on(self, paid):
            out["accruals"].append(accrual_record(vars(clock.accrue(self, draft))))


def accrual_record(f):
    """An accrual as it is reported."""
    return dict(
        clause=f["clause"],
        key=tuple(show(v) for _, v in f["key"]),
        payer=f["payer"],
        payee=f["payee"],
        amount=int(f["amount"]),
        currency=f["currency"],
        component=f["component"],
    )


def duty_record(ob, what, deadline):
    """A change of an obligation as it is reported."""
    return dict(clause=ob.clause, key=tuple(show(v) for _, v in ob.key), what=what, deadline=deadline)


def totals(run, before=None):
    """Totals accrued per clause, key and pair, of what is dated before a day."""
    out = {}
    for f in run.facts:
        if f.kind == "accrual" and f.component != "interest" and (before is None or f.date < before):
            where = (f.clause, tuple(show(v) for _, v in f.key), f.payer, f.payee, f.currency)
            out[where] = out.get(where, 0) + f.amount
    return out


def play_all(deal, values, readings, rows, until=None, known_as_of=None, stop="end"):
    """Rows and clock as reported: verdicts by the final text, amounts by what was known, and adjustments."""
    final = Run(deal, values, readings, known_as_of).play(rows, until, stop)
    signings = sorted({s for _, e, s in final.amendments if e < s})
    if not signings:
        return final.outcomes, final.clock, final
    outcomes, dated = [dict(o) for o in final.outcomes], [c for c in final.clock if not _money(c)]
    edges = [None, *signings, None]
    reported = {}
    for i in range(len(edges) - 1):
        low, high = edges[i], edges[i + 1]
        if low is not None and (final.today is None or low > final.today):
            break
        known = known_as_of if high is None else high - DAY
        run = Run(deal, values, readings, known).play(rows, until, stop)
        if low is not None:
            now = totals(run, low)
            for where in sorted(set(now) | set(reported)):
                difference = now.get(where, 0) - reported.get(where, 0)
                if difference:
                    clause, key, payer, payee, currency = where
                    a = dict(clause=clause, key=key, payer=payer, payee=payee, amount=difference, currency=currency)
                    before = sum(1 for r in rows if r.date < low)
                    a["component"] = "adjustment"
                    dated.append(dict(date=low, clause=clause, key=key, what="accrued", accrual=a, after=before))
                    reported[where] = now.get(where, 0)
        inside = lambda d: (low is None or d >= low) and (high is None or d < high)
        for o, mine in zip(outcomes, run.outcomes):
            if inside(o["date"]):
                o["accruals"] = mine["accruals"]
                _add(reported, mine["accruals"])
        for c in run.clock:
            if _money(c) and inside(c["date"]):
                dated.append(c)
                if c["what"] == "accrued":
                    _add(reported, [c["accrual"]])
    dated.sort(key=lambda c: c["date"])
    return outcomes, dated, final


def _money(c):
    """Whether an outcome of the clock is about money: told by what was then known."""
    return "accrual" in c or "amount" in c


def _add(reported, accruals):
    for a in accruals:
        if a["component"] != "interest":
            where = (a["clause"], a["key"], a["payer"], a["payee"], a["currency"])
            reported[where] = reported.get(where, 0) + a["amount"]
