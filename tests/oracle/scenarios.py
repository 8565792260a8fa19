"""Runs the scenarios of a deal in the oracle. Their figures are hand arithmetic, so they judge the oracle itself.

Data flow: steps -> for each `expect`, the whole history so far is played anew -> what does not match.
Usage: scenarios.py DEAL...
"""

import sys

import compare
import duties
import expr
import run as engine
import sums
from deal import Deal, day_of
from events import ty_of
from history import Event
from readings import combinations
from tree import variant


def run_scenario(deal, scenario, base_values):
    """The expectations of a scenario that do not hold, as texts."""
    values, readings, rows = dict(base_values), {}, []
    known, until, stop, last_day = None, None, "rows", None
    failures, previous = [], None
    for step in scenario["steps"]:
        kind, x = variant(step)
        if kind == "Schedule":
            values.update({n: v for n, v in deal.schedules[x]["values"]})
        elif kind == "Set":
            values[x[0]] = x[1]
        elif kind == "Reading":
            readings[x[0]] = x[1]
        elif kind == "KnownAsOf":
            known = day_of(x)
        elif kind == "Event":
            previous = None
            rows.append(_event(deal, values, x, len(rows) + 1))
            until, stop, last_day = rows[-1].date, "rows", rows[-1].date
        elif kind == "Clock":
            previous = last_day if stop == "end" else None
            until, stop, last_day = day_of(x), "end", day_of(x)
        else:
            step_state = dict(until=until, stop=stop, previous=previous, known=known)
            text = _check(deal, values, readings, rows, x, step_state)
            if text:
                failures.append(f"{scenario['title']}: after {last_day}: {text}")
    return failures


def _event(deal, values, x, number):
    probe = engine.Run(deal, values, {})
    scope = expr.Scope(probe, probe.effective, 0)
    at = expr.evaluate(x["at"], scope)
    declared = deal.events[x["kind"]]
    if x["kind"] == "Payment":
        declared = {**{n: (ty_of(deal, n), True) for n, _ in x["fields"]}, **declared}
    fields = dict.fromkeys(declared)
    for name, tree in x["fields"]:
        ty, y = variant(declared[name][0])
        hint = expr.Term(y, y) if ty == "Named" else None
        word = variant(tree)[1] if variant(tree)[0] == "Name" else None
        if ty == "Party" and word is not None:
            fields[name] = expr.Person(word)
        elif ty == "Clause" and word is not None:
            fields[name] = expr.ClauseRef(word)
        else:
            fields[name] = expr.evaluate(tree, scope, hint)
    return Event(number, at, x["kind"], fields)


def _check(deal, values, readings, rows, expectation, s):
    played = [
        engine.play_all(deal, values, choice, rows, s["until"], s["known"], s["stop"])
        for choice in combinations(deal, readings)
    ]
    outcomes, dated, final = played[0]
    _merge(outcomes, [p[0] for p in played[1:]])
    kind, x = variant(expectation)
    clocked = s["stop"] == "end"
    lately = _lately(dated, s["previous"], len(rows)) if clocked else []
    scope = expr.Scope(final, final.today, len(final.rows))
    if kind == "Verdict":
        if clocked:
            found = "breach" if any(c["what"] in ("lapsed", "unpaid") for c in lately) else "silent"
            clauses = [c["clause"] for c in lately if c["what"] in ("lapsed", "unpaid")]
        else:
            found, clauses = outcomes[-1]["verdict"], outcomes[-1]["clauses"]
        if found != x["verdict"] or any(c not in clauses for c in x["clauses"]):
            return f"{found} of {clauses}, not {x['verdict']} of {x['clauses']}"
        return None
    if kind == "Accrues":
        wanted = expr.evaluate(x[0], scope).minor
        accruals = [c["accrual"] for c in lately if c["what"] == "accrued"] if clocked else outcomes[-1]["accruals"]
        got = sum(a["amount"] for a in accruals if a["clause"] == x[1] and a["component"] != "interest")
        return None if got == wanted else f"accrues {got}, not {wanted}, under {x[1]}"
    if kind in ("Sum", "Interest"):
        return _sum(kind, x, outcomes, dated, final, scope)
    if kind == "Duty":
        what, clause = x
        if clocked:
            seen = [c["what"] for c in lately if c["clause"] == clause]
        else:
            seen = [d["what"] for d in outcomes[-1]["duties"] if d["clause"] == clause]
        return None if what in seen else f"{seen}, not {what} {clause}"
    if kind == "Open":
        is_open = any(not st.lapsed for _, st in duties.obligations(final, x[1]))
        return None if is_open == x[0] else f"open {x[1]} is {is_open}"
    in_force = any(final.in_force(n, final.today) for n in final.norms(final.today) if n.cid == x[1])
    return None if in_force == x[0] else f"in force {x[1]} is {in_force}"


def _merge(outcomes, others):
    for i, o in enumerate(outcomes):
        if any(p[i]["verdict"] != o["verdict"] or p[i]["accruals"] != o["accruals"] for p in others):
            o["verdict"] = "undetermined"


def _lately(dated, previous, rows):
    """What came of the days of a clock step: after the last row, and after an earlier clock step."""
    return [
        c for c in dated if c.get("after", rows) == rows and (previous is None or c["date"] > previous)
    ]


def _sum(kind, x, outcomes, dated, final, scope):
    if kind == "Interest":
        which, clause, tree = "Interest", x[0], x[1]
    else:
        which, clause, tree = x
    wanted = expr.evaluate(tree, scope).minor
    reported = [a for o in outcomes for a in o["accruals"]]
    reported += [c["accrual"] for c in dated if c["what"] == "accrued"]
    if which == "Interest":
        reported += [c["accrual"] for c in dated if c["what"] == "provisional"]
        got = sum(a["amount"] for a in reported if a["clause"] == clause and a["component"] == "interest")
    elif which == "Accrued":
        got = sum(a["amount"] for a in reported if a["clause"] == clause and a["component"] != "interest")
    else:
        got = sums.payment_sum(which, clause, (expr.date.min, expr.date.max), scope).minor
    return None if got == wanted else f"{which} {clause} is {got}, not {wanted}"


def main():
    """Runs every scenario of the deals named, and prints what does not hold. Exit 1 where anything does not."""
    sys.setrecursionlimit(100_000)
    failures = ran = 0
    for path in sys.argv[1:]:
        dumped = compare.dump(compare.habendum(), path)
        deal = Deal(dumped["files"])
        values = {}
        for name in dumped["schedules"]:
            values.update(dict(deal.schedules[name]["values"]))
        for scenario in deal.scenarios:
            ran += 1
            for text in run_scenario(deal, scenario, values):
                failures += 1
                print(f"{path}: {text}")
    print(f"{ran} scenarios, {failures} expectations that do not hold", file=sys.stderr)
    return 1 if failures or not ran else 0


if __name__ == "__main__":
    sys.exit(main())
