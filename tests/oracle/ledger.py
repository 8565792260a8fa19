"""What is due, paid and left of a payment clause: replayed from its accruals and payments each time it is asked.

Invariant: a payment goes to the oldest due amount first, then to what is not yet due, then to later accruals.
"""

from dates import year_fraction


def replay(run, clause):
    """Yields (fact, [(accrual, part)]): what each accrual and payment of a clause settled, in order."""
    items = []  # accruals with something left
    left = {}
    spare = {}  # by key: what was paid beyond everything accrued
    for f in run.facts:
        if f.clause != clause:
            continue
        if f.kind == "accrual" and f.component != "interest":
            if f.amount > 0:
                left[f.id] = f.amount
                items.append(f)
                used = min(spare.get(f.key, 0), f.amount)
                if used:
                    spare[f.key] -= used
                    left[f.id] -= used
            elif f.amount < 0:
                _settle(items, left, spare, f.key, -f.amount)
        elif f.kind == "paid":
            yield f, _settle(items, left, spare, f.key, f.amount), left
    yield None, [], left


def _settle(items, left, spare, key, amount):
    parts = []
    for f in sorted(items, key=lambda f: (f.due, f.id)):
        if f.key == key and left[f.id] > 0 and amount > 0:
            part = min(left[f.id], amount)
            left[f.id] -= part
            amount -= part
            parts.append((f, part))
    if amount:
        spare[key] = spare.get(key, 0) + amount
    return parts


def outstanding(run, clause):
    """What is left to pay of each accrual."""
    left = {}
    for _, _, left in replay(run, clause):
        pass
    return {f.id: left.get(f.id, 0) for f in run.facts if f.clause == clause and f.kind == "accrual"}


def interest(part, rate, due, day, count):
    """Simple interest, exact."""
    return part * rate * year_fraction(due, day, count)
