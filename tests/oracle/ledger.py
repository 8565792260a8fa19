"""What is due, paid and left of a payment clause: replayed from its accruals and payments each time it is asked.

What falls due on one day, per sentence and key, is one due amount. A payment goes to the oldest due amount first, then to
what is not yet due, then to what accrues next. A due amount below zero is set off on its day as if paid.
"""

from dates import year_fraction


class Amount:
    """A due amount: everything of a key that falls due on one day."""

    def __init__(self, first):
        self.key, self.due, self.first = first.key, first.due, first
        self.sentence = (first.part, first.depth)
        self.total, self.settled = 0, 0

    @property
    def left(self):
        return max(0, self.total - self.settled)


def replay(run, clause):
    """Yields (fact, [(amount, part settled)]) of each fact of a clause that settles something; then all amounts."""
    amounts, spare = {}, {}
    for f in run.facts:
        if f.clause != clause:
            continue
        if f.kind == "accrual" and f.component != "interest":
            a = amounts.setdefault((f.part, f.depth, f.key, f.due), Amount(f))
            a.total += f.amount
            used = min(spare.get(f.key, 0), a.left)
            if used > 0:
                spare[f.key] -= used
                a.settled += used
        elif f.kind == "paid":
            yield f, _settle(amounts, spare, f.key, f.amount, f.sentences), amounts
        elif f.kind == "fell":
            a = amounts[(f.part, f.depth, f.key, f.date)]
            over = a.settled - a.total
            if over > 0:
                a.settled = a.total
                yield f, _settle(amounts, spare, f.key, over, [a.sentence]), amounts
    yield None, [], amounts


def _settle(amounts, spare, key, sum_, sentences):
    parts = []
    mine = [a for a in amounts.values() if a.key == key and a.sentence in sentences]
    for a in sorted(mine, key=lambda a: (a.due, a.sentence)):
        part = min(a.left, sum_)
        if part > 0:
            a.settled += part
            sum_ -= part
            parts.append((a, part))
    if sum_ > 0:
        spare[key] = spare.get(key, 0) + sum_
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
