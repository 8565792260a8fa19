"""One assessment of a payment, step by step (section 6): base, tiers, caps, credits, recoupment, rounding.

Data flow: a payment norm and a moment -> a draft of an accrual fact; the caller appends it.
Invariant: what was counted before is added up from the accrual facts, never kept.
"""

from dataclasses import replace
from datetime import date, timedelta
from fractions import Fraction

import expr
import sums
from dates import DAY, add, period_of, round_fraction
from tree import Fault, variant
from values import Money


def currency_of_norm(run, norm):
    """The currency of a payment."""
    kind, x = variant(norm.head[1]["amount"])
    tree = x if kind == "Expr" else [b["rate"] for b in x["bands"]] + [x["base"]]
    ref = norm.mod("OnEach") or norm.mod("OnFirst")
    fields = dict(run.deal.events.get(ref["event"], {})) if ref else {}
    base = norm.repairs
    while base is not None and not fields:
        ref = base.mod("Within")
        fields = dict(run.deal.events.get(ref["of"]["event"], {})) if ref else {}
        base = base.repairs
    found = sums._currency_in(tree, fields, expr.Scope(run, run.effective, 0))
    return found or _other_currency(run, tree) or run.deal.currency


def _other_currency(run, tree):
    """The currency of sums and tables that an amount names."""
    if isinstance(tree, list):
        return next((c for c in (_other_currency(run, t) for t in tree) if c), None)
    if not isinstance(tree, dict):
        return None
    for k, v in tree.items():
        if k == "Total":
            t = run.deal.totals[v]
            return sums._currency_in(t["value"], run.deal.events[t["on"]["event"]], expr.Scope(run, run.effective, 0))
        if k == "Payment":
            return run.currency_of(v[1])
        found = _other_currency(run, v)
        if found:
            return found
    return None


def span_of(run, period, day):
    """First and last day of a period around a day; None for each event by itself."""
    kind, n = variant(period)
    if kind == "Event":
        return None
    if kind == "InTotal":
        return date.min, date.max
    if kind == "Rolling":
        return add(day, (n, "Months"), run.deal.reckoning, "Down", -1) + timedelta(days=1), day
    return period_of(day, period, run.deal.reckoning)


def earlier(run, norm, key, span, components=("principal", "damages")):
    """The accruals of a norm and key in a span of days."""
    if span is None:
        return []
    return [
        f
        for f in run.visible(norm.cid)
        if f.kind == "accrual"
        and (f.part, f.depth) == (norm.part, norm.depth)
        and f.key == key
        and f.component in components
        and span[0] <= f.date <= span[1]
    ]


def assess(run, norm, key, day, scope, component="principal", times=None, factor=None, row=None, pending=()):
    """Drafts of what one assessment accrues: the payment, and top-ups of floors per event."""
    scope = replace(scope, norm=norm, key=dict(key), day=day)
    measure, amount = _base(run, norm, key, day, scope)
    if times is not None:
        amount = Money(amount.minor * times, amount.currency)
    if factor is not None:
        amount = Money(amount.minor * factor, amount.currency)
    x = amount.minor
    for cap in norm.mods("Cap"):
        x = _capped(run, norm, key, day, scope, cap, x)
    draft = dict(measure=measure, capped=x, currency=amount.currency, component=component, row=row)
    x, draft["credited"] = _credited(run, norm, key, day, scope, x, pending)
    x, draft["recouped"] = _recouped(run, norm, key, day, scope, x)
    draft["exact"] = x
    mode, per = rounding(norm)
    span = span_of(run, per, day)
    before = earlier(run, norm, key, span)
    draft["amount"] = round_fraction(sum((f.exact for f in before), x), mode) - sum(f.amount for f in before)
    draft["amount"] = _within_caps(run, norm, key, day, scope, draft["amount"])
    drafts = [finish(run, norm, key, day, scope, draft)]
    for i, floor in enumerate(norm.mods("Floor")):
        if variant(floor["per"])[0] == "Event":
            least = expr.evaluate(floor["amount"], scope).minor
            short = round_fraction(least, mode) - sum(d["amount"] for d in drafts)
            if short > 0:
                drafts.append(top_up(run, norm, key, day, scope, short, i, None))
    return drafts


def _within_caps(run, norm, key, day, scope, amount):
    """Rounding carries no clause past a cap, rounded as the clause is."""
    for cap in norm.mods("Cap"):
        begins = expr.date_of(cap["from"], scope) if cap["from"] is not None else date.min
        if amount <= 0 or cap["counting"] != "Accrued" or day < begins:
            continue
        span = span_of(run, cap["per"], day) or (date.max, date.min)
        facts = earlier(run, norm, key, (max(span[0], begins), span[1]))
        seen = sum(f.amount for f in facts if f.amount > 0 or cap["refunds_restore"])
        most = round_fraction(expr.evaluate(cap["amount"], scope).minor, rounding(norm)[0])
        amount = min(amount, max(0, most - seen))
    return amount


def rounding(norm):
    """Mode and period of a payment's rounding."""
    r = norm.mod("Rounded")
    return (r["mode"], r["per"]) if r else ("HalfEven", "Event")


def finish(run, norm, key, day, scope, draft):
    """Adds who, to whom and when due."""
    _, pays = norm.head
    draft.update(
        clause=norm.cid,
        part=norm.part,
        depth=norm.depth,
        key=key,
        date=day,
        payer=run.stands_for(norm.cid, pays["payer"]),
        payee=run.stands_for(norm.cid, pays["payee"]),
        due=due_day(run, norm, day, scope),
        fallen=False,
        norm=norm,
    )
    return draft


def top_up(run, norm, key, day, scope, amount, floor_index, period):
    """A draft of a shortfall under a floor."""
    floor = norm.mods("Floor")[floor_index]
    expires = None
    if floor["carry"] is not None and period is not None and period[1] < date.max:
        length = expr.length_of(floor["carry"], scope)
        expires = add(period[1] + DAY, length, run.deal.reckoning, norm.months) - DAY
    draft = dict(
        measure=None,
        capped=Fraction(0),
        exact=Fraction(0),
        credited={},
        recouped={},
        currency=currency_of_norm(run, norm),
        component="top-up",
        row=None,
        amount=amount,
        floor=floor_index,
        expires=expires,
        period=period,
    )
    return finish(run, norm, key, day, scope, draft)


def due_day(run, norm, day, scope):
    """When an accrual of a day falls due."""
    kind, x = variant(norm.mod("Due") or "AtOnce")
    reck = run.deal.reckoning
    if kind == "AtOnce":
        return day
    if kind == "After":
        return add(day, expr.length_of(x, scope), reck, norm.months)
    if kind == "AfterEach":
        length, period = x
        end = span_of(run, period, day)[1]
        return add(end, expr.length_of(length, scope), reck, norm.months)
    return max(day, expr.date_of(x, scope, last=True))


def _base(run, norm, key, day, scope):
    kind, x = variant(norm.head[1]["amount"])
    if kind == "Expr":
        v = expr.evaluate(x, scope)
        if not isinstance(v, Money):
            raise Fault(f"{norm.cid}: not money")
        return None, v
    base = expr.evaluate(x["base"], scope)
    measure = base.minor if isinstance(base, Money) else base
    span = span_of(run, x["per"], day)
    before = sum((f.measure for f in earlier(run, norm, key, span)), Fraction(0))
    now, then = rated(x, before + measure, base, scope), rated(x, before, base, scope)
    return measure, Money(now - then, currency_of_norm(run, norm))


def _bounds(band, scope):
    plain = lambda v: v.minor if isinstance(v, Money) else v
    lower, lower_in = (Fraction(0), True) if band["lower"] is None else (
        plain(expr.evaluate(band["lower"][0], scope)),
        band["lower"][1],
    )
    upper, upper_in = (None, False) if band["upper"] is None else (
        plain(expr.evaluate(band["upper"][0], scope)),
        band["upper"][1],
    )
    return lower, lower_in, upper, upper_in


def rated(tiers, t, base, scope):
    """F(t): what a running base of `t` comes to under a band table, in minor units."""
    result = Fraction(0)
    if t == 0:
        return result
    _meet(tiers, t, scope)
    for band in tiers["bands"]:
        lower, lower_in, upper, upper_in = _bounds(band, scope)
        rate = expr.evaluate(band["rate"], scope)
        if tiers["marginal"]:
            part = max(Fraction(0), (t if upper is None else min(t, upper)) - lower)
            result += part * (rate.minor if isinstance(rate, Money) else rate)
        elif t != 0 and (t > lower or (lower_in and t == lower)):
            if upper is None or t < upper or (upper_in and t == upper):
                if isinstance(rate, Money):
                    result = rate.minor * t if rate.per is not None else rate.minor
                else:
                    result = rate * t
    return result


def _meet(tiers, t, scope):
    """Refuses a total that lies in a gap or an overlap of bands, or (marginal) reaches beyond one."""
    bands = [_bounds(b, scope) for b in tiers["bands"]]
    if tiers["marginal"]:
        for (low, _, high, _), (next_low, _, _, _) in zip(bands, bands[1:]):
            if high is not None and high < low and t > high:
                raise Fault(f"two bands hold {high}")
            if high is not None and high < next_low and t > high:
                raise Fault(f"no band holds {high}")
            if (high is None or high > next_low) and t > next_low:
                raise Fault(f"two bands hold {next_low}")
        return
    begun = [low < t or (low_in and low == t) for low, low_in, _, _ in bands]
    inside = [b and (high is None or t < high or (high_in and t == high)) for b, (_, _, high, high_in) in zip(begun, bands)]
    if sum(inside) > 1:
        raise Fault(f"two bands hold {t}")
    if not any(inside) and any(begun) and not all(begun):
        raise Fault(f"no band holds {t}")


def _capped(run, norm, key, day, scope, cap, x):
    if x <= 0:
        return x
    if cap["from"] is not None and day < expr.date_of(cap["from"], scope):
        return x
    limit = expr.evaluate(cap["amount"], scope).minor
    return min(x, max(Fraction(0), limit - counted(run, norm, key, day, scope, cap)))


def counted(run, norm, key, day, scope, cap):
    """What a cap has counted so far in the period of a day."""
    span = span_of(run, cap["per"], day)
    if span is None:
        return Fraction(0)
    if cap["from"] is not None:
        span = max(span[0], expr.date_of(cap["from"], scope)), span[1]
    if cap["counting"] == "Accrued":
        return sum(
            (f.capped for f in earlier(run, norm, key, span) if f.capped > 0 or cap["refunds_restore"]), Fraction(0)
        )
    facts = [f for f in run.visible(norm.cid) if f.key == key]
    if cap["counting"] == "Paid":
        return Fraction(sum(f.amount for f in facts if f.kind == "paid" and span[0] <= f.date <= span[1]))
    if cap["counting"] == "Overdue":
        return Fraction(sums.overdue(run, norm.cid, span, dict(key)))
    return Fraction(
        sum(f.amount for f in facts if f.kind == "accrual" and f.fallen and span[0] <= f.due <= span[1])
    )


def _credited(run, norm, key, day, scope, x, pending):
    taken = {}
    for c in norm.mods("Crediting"):
        if x <= 0:
            break
        whole = sums.payment_sum(c["what"], c["clause"], (date.min, date.max), scope).minor
        most = x
        if c["up_to"] is not None:
            limit = expr.evaluate(c["up_to"], scope)
            most = limit.minor if isinstance(limit, Money) else limit * x
        left = whole - used_of(run, c["clause"], key, pending) - taken.get(c["clause"], 0)
        part = max(Fraction(0), min(x, most, left))
        taken[c["clause"]] = taken.get(c["clause"], 0) + part
        x -= part
    return x, taken


def used_of(run, clause, key, pending):
    """What all clauses have used of a clause's money, as far as it is the money of a key."""
    kept = next((n.key_fields for n in run.norms(run.today) if n.cid == clause), [])
    mine = {f: v for f, v in key if f in kept}
    posted = [f for f in run.facts if f.kind == "accrual" and f in run.visible(f.clause)]
    uses = [(dict(f.key), f.credited) for f in posted] + [(dict(d["key"]), d["credited"]) for d in pending]
    return sum((c.get(clause, 0) for k, c in uses if all(k[f] == v for f, v in mine.items() if f in k)), Fraction(0))


def _recouped(run, norm, key, day, scope, x):
    """The reduction of the period so far is the lesser of its excess and what was carried into it."""
    taken = {}
    for i, floor in enumerate(norm.mods("Floor")):
        span = span_of(run, floor["per"], day)
        if floor["carry"] is None or span is None:
            continue
        least = expr.evaluate(floor["amount"], scope).minor
        before = earlier(run, norm, key, span)
        gross = sum((f.exact + f.recouped.get(i, 0) for f in before), Fraction(0)) + x
        due = min(max(Fraction(0), gross - least), carried_into(run, norm, key, i, span))
        taken[i] = due - sum((f.recouped.get(i, 0) for f in before), Fraction(0))
        x -= taken[i]
    return x, taken


def carried_into(run, norm, key, index, span):
    """What top-ups of a floor are left at the start of a period that ends in time for them."""
    always = (date.min, date.max)
    left = {t.id: t.amount for t in earlier(run, norm, key, always, ("top-up",)) if t.floor == index and t.expires}
    tops = [run.facts[i] for i in left]
    spans = sorted({span_of(run, norm.mods("Floor")[index]["per"], f.date) for f in earlier(run, norm, key, always)})
    for past in [s for s in spans if s < span]:
        used = sum((f.recouped.get(index, 0) for f in earlier(run, norm, key, past)), Fraction(0))
        for t in tops:
            if t.period[1] < past[0] and past[1] <= t.expires:
                part = min(used, left[t.id])
                left[t.id] -= part
                used -= part
    return sum((left[t.id] for t in tops if t.period[1] < span[0] and span[1] <= t.expires), Fraction(0))


def floor_ids(norm):
    """The floors of a text, each by its period and by which of that period it is: so a floor is known in other texts."""
    pers = [repr(f["per"]) for f in norm.mods("Floor")]
    return [(per, pers[:i].count(per)) for i, per in enumerate(pers)]


def shortfall(run, norm, key, day, scope, index, span):
    """A draft of the top-up of a floor for a period, or None."""
    floor = norm.mods("Floor")[index]
    least = round_fraction(expr.evaluate(floor["amount"], scope).minor, rounding(norm)[0])
    total = sum(f.amount for f in earlier(run, norm, key, span))
    own = floor_ids(norm)[index]
    total += sum(f.amount for f in earlier(run, norm, key, span, ("top-up",)) if own not in floor_ids(f.norm)[: f.floor])
    return top_up(run, norm, key, day, scope, least - total, index, span) if least > total else None


def drafts_on(run, norm, event, scope_for, pending=()):
    """What a row makes a payment norm accrue."""
    ref, once = norm.mod("OnEach"), False
    if ref is None:
        ref, once = norm.mod("OnFirst"), True
    if ref is None or event.kind != ref["event"]:
        return []
    key = run.key_of(norm, event)
    if key is None or not run.in_force(norm, event.date, key, event):
        return []
    scope = scope_for(norm, key)
    if not sums.matches(ref, event, scope) or not guarded(run, norm, scope):
        return []
    if once and earlier(run, norm, key, (date.min, date.max)):
        return []
    return assess(run, norm, key, event.date, scope, row=event.row, pending=pending)


def guarded(run, norm, scope):
    """Conditions of a payment, and its exceptions."""
    return all(expr.holds(c, scope) for c in norm.mods("Where") + norm.mods("OnlyIf")) and not run.excepted(norm, scope)
