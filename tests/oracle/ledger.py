"""What is due, paid and left of a payment clause: replayed from its accruals and payments each time it is asked.

What falls due on one day, per sentence, key and persons, is one due amount. A payment goes to the oldest due amount first, then to
what is not yet due, then to what accrues next. A due amount below zero is set off on its day as if paid, against all that the
clause owes between the same two under the same key.
"""

from dates import year_fraction


class Amount:
    """A due amount: everything of a key that falls due on one day, between two persons."""

    def __init__(self, first):
        self.key, self.due, self.first = first.key, first.due, first
        self.sentence = (first.part, first.depth)
        self.flow = flow(first)
        self.total, self.settled = 0, 0

    @property
    def left(self):
        return max(0, self.total - self.settled)


def flow(f):
    """Between whom an accrual of a clause goes, in the words of its text; with its key and currency."""
    _, pays = f.norm.head
    return pays["payer"], pays["payee"], f.currency, f.key


def replay(run, clause):
    """Yields (fact, [(amount, part settled)]) of each fact of a clause that settles something; then all amounts."""
    amounts, spare = {}, {}
    for f in run.facts:
        if f.clause != clause:
            continue
        if f.kind == "accrual" and f.component != "interest":
            a = amounts.setdefault((f.part, f.depth, f.key, f.due, flow(f)), Amount(f))
            a.total += f.amount
            used = min(spare.get(a.flow, 0), a.left)
            if used > 0:
                spare[a.flow] -= used
                a.settled += used
        elif f.kind == "paid":
            yield f, _settle(amounts, spare, f.flow, f.amount), amounts
        elif f.kind == "fell":
            a = amounts[(f.part, f.depth, f.key, f.date, f.flow)]
            over = a.settled - a.total
            if over > 0:
                a.settled = a.total
                yield f, _settle(amounts, spare, a.flow, over), amounts
    yield None, [], amounts


def _settle(amounts, spare, between, sum_):
    parts = []
    mine = [a for a in amounts.values() if a.flow == between]
    for a in sorted(mine, key=lambda a: (a.due, a.sentence)):
        part = min(a.left, sum_)
        if part > 0:
            a.settled += part
            sum_ -= part
            parts.append((a, part))
    if sum_ > 0:
        spare[between] = spare.get(between, 0) + sum_
    return parts


def settled_by(run, fact):
    """What a fact settled: [(amount, part)]."""
    return next((parts for f, parts, _ in replay(run, fact.clause) if f is fact), [])


def amounts_of(run, clause):
    """Every due amount of a clause as it stands."""
    for _, _, amounts in replay(run, clause):
        pass
    return sorted(amounts.values(), key=lambda a: a.due)


def interest(part, rate, due, day, count):
    """Simple interest, exact."""
    return part * rate * year_fraction(due, day, count)
