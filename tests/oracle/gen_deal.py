"""Random deals and random streams. A deal is a list of items (texts), so that a shrinker can drop some.

Data flow: a seed -> [`Case`]: items, rows, clock -> files in a folder.
"""

import json
import os
import re
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

from gen_clauses import Clauses
from gen_words import ASSETS, COLORS, FIELDS, ITEMS, KINDS, OTHERS, PARTIES, REGIONS, WORDS


ZONES = ["UTC", "America/New_York", "Asia/Tokyo", "Pacific/Chatham"]


@dataclass
class Case:
    """A deal and a stream."""

    items: list  # texts of top-level items that may be dropped
    header: str
    amendments: list  # (header lines, [operation texts])
    rows: list
    clock: str | None = None
    extra: dict = field(default_factory=dict)

    def text(self):
        """The deal as one file."""
        parts = [self.header, WORDS, *self.items]
        for i, (lines, operations) in enumerate(self.amendments):
            body = "\n    ".join([*lines, *operations])
            parts.append(f'amendment m{i} "Amendment {i}" to deal {{\n    {body}\n}}')
        return "\n\n".join(parts) + "\n"

    def write(self, folder):
        """Writes the deal and its events; returns their paths."""
        deal, rows = os.path.join(folder, "deal.term"), os.path.join(folder, "events.ndjson")
        with open(deal, "w", encoding="utf-8") as f:
            f.write(self.text())
        with open(rows, "w", encoding="utf-8") as f:
            f.writelines(json.dumps(r) + "\n" for r in self.rows)
        return deal, rows


def make(rng, size=None):
    """A random case."""
    c = Clauses(rng)
    c.zone = c.pick(ZONES)
    n = size or rng.randint(1, 8)
    clauses = [c.clause() for _ in range(n)]
    items = [
        f"parameter p_rate: percent = {c.pick(['5%', '12.5%', '33%'])}",
        f"parameter p_price: money per kg = {c.pick(['1.25', '0.333', '7'])} USD per kg",
    ]
    items += [f"clause {cid} {text}" for cid, text in clauses]
    amendments = [amendment(c, rng) for _ in range(c.pick([0, 0, 1, 1, 2]))]
    amendments = [a for a in amendments if a[1]]
    rows = stream(c, rng)
    clock = None
    if c.chance(0.5):
        clock = (date(2026, 1, 1) + timedelta(days=rng.randint(0, 200))).isoformat()
        if rows:
            clock = max(clock, day_of_row(rows[-1], c.zone))
    return Case(items, header(c), amendments, rows, clock)


def header(c):
    defaults = [
        f"default {kind} is {c.pick(['permitted', 'forbidden'])}"
        for kind in ("Act", "Use", "Grant", "Notice")
        if c.chance(0.4)
    ]
    lines = [
        f"parties {', '.join(PARTIES)}",
        f"others {', '.join(OTHERS)}",
        f"effective from {c.pick(['2025-01-01', '2025-01-15', '2025-02-28'])}",
        "currency USD, JPY",
        f'zone "{c.zone}"',
        "business days by Desk",
        f"months rounding {c.pick(['up', 'down'])}",
        *defaults,
    ]
    if c.chance(0.5):
        lines.append("fiscal year starts 04-01")
    if c.chance(0.5):
        lines.append("payments tracked")
    return 'agreement deal "A random deal" {\n    ' + "\n    ".join(lines) + "\n}"


# ---------------------------------------------------------------------- amendments


def amendment(c, rng):
    """Header lines and operations of an amendment."""
    effective = date(2025, 3, 1) + timedelta(days=rng.randint(0, 300))
    lines = [f"effective from {effective}"]
    roll = rng.random()
    if roll < 0.3:
        lines.append(f"signed {effective + timedelta(days=rng.randint(1, 90))}")
    elif roll < 0.5:
        lines.append(f"signed {effective - timedelta(days=rng.randint(0, 20))}")
    operations = []
    if c.made and c.chance(0.12):
        return lines, [restate_all(c)]
    for _ in range(rng.randint(1, 3)):
        text = operation(c)
        if text:
            operations.append(text)
    return lines, operations


def operation(c):
    """One operation on a clause of the deal."""
    if not c.made or c.chance(0.2):
        cid, text = c.clause()
        return f"insert {cid} {text}"
    target = c.pick(list(c.made))
    kind, text = c.made[target], c.texts[target]
    bounded = any(w in text for w in (" through ", " for ", " before 2"))
    roll = c.rng.random()
    if roll < 0.5:
        c.currency = "JPY" if target in c.in_yen else "USD"
        changes = [v for v in variations(c, kind) if fits(v, text)]
        c.currency = "USD"
        if not changes:
            return None
        change = c.pick(changes)
        if change.startswith("remove"):
            c.texts[target] = text.replace(change.split()[1], "-")
        elif change.startswith("party"):
            c.texts[target] = text.replace("Ada", "Bo")
        else:
            c.texts[target] += " " + change
        return f"vary {target} {{ {change} }}"
    if roll < 0.6:
        del c.made[target]
        return f"strike {target}" + c.pick(["", "", " without saving"])
    if roll < 0.7:
        return f"suspend {target} through {c.day()}"
    if roll < 0.8:
        how = ["through 2026-03", f"through {c.day(2026)}"] + (["by 2 months", "by 40 days"] if bounded else [])
        c.texts[target] += " through "
        return f"extend {target} {c.pick(how)}"
    if roll < 0.95 and kind not in ("reading", "power", "relief"):
        how = c.pick(["replace {} with", "restate {}"]).format(target)
        return f"{how} {anew(c, target, kind)}"
    return c.pick(["set p_rate = 20%", "set p_price = 2 USD per kg", f"affirm {target}"])


def restate_all(c):
    """The whole agreement anew: some clauses as they were last stated, some in another text, some new, the rest ended."""
    kept = {t: c.full[t] for t in list(c.made) if c.chance(0.7)}
    for t in list(kept):
        if c.made[t] not in ("reading", "power", "relief") and c.chance(0.3):
            kept[t] = anew(c, t, c.made[t])
    if c.chance(0.5):
        cid, text = c.clause()
        kept[cid] = text
    while True:
        lost = [t for t, text in kept.items() if any(r not in kept for r in re.findall(r"\b[a-z]+-\d+\b", text))]
        if not lost:
            break
        for t in lost:
            del kept[t]
    for t in [t for t in c.made if t not in kept]:
        del c.made[t]
    for names in (c.pays, c.breached):
        names[:] = [n for n in names if n in kept]
    return "restate agreement {\n" + "\n".join(f"clause {t} {text}" for t, text in kept.items()) + "\n}"


def anew(c, target, kind):
    """Another text for a clause of a kind."""
    words = c.texts[target].split()
    c.pair, c.replaced = (words[0], words[2]) if kind == "pay" else None, target
    own, text = c.clause("period" if target.startswith("period") else kind)
    c.pair = c.replaced = None
    c.full[target] = text
    for names in (c.pays, c.breached):
        if own in names:
            names.remove(own)
    del c.made[own]
    c.texts[target] = c.texts.pop(own)
    return text


def fits(change, text):
    """Whether a text has what a change takes away."""
    words = change.split()
    if words[0] == "remove":
        return f" {words[1]} " in text
    if words[0] == "party":
        return "Ada" in text.replace("except Ada", "") and "Bo" not in text and "Cy" not in text
    if words[0] == "by":
        return " by 2" in text
    if words[0] == "exclusivity":
        return "exclusive while" not in text
    return True


def variations(c, kind):
    """Changes of a clause of a kind."""
    later = f"term through {c.day(2026)}"
    if kind in ("may", "not"):
        return [
            f"where {c.state()}",
            f"add unless {c.state()}",
            "remove unless",
            later,
            "remove until",
            "until Calm",
            "remove where",
            "party Bo instead of Ada",
        ]
    if kind == "pay":
        return [
            f"amount {c.money()}",
            f"cap {c.money()} per month",
            f"add cap {c.money()} per year",
            "remove cap",
            f"floor {c.money()} per quarter",
            "remove floor",
            "rounded up per event",
            "due within 5 days",
            later,
            "late interest 9% per year actual/365",
        ]
    if kind == "duty":
        return ["remove otherwise", later, "remove totalling", f"by {c.day(2026)}", "where weight is at least 2 kg"]
    if kind == "grant":
        return ["exclusivity non-exclusive", "exclusivity sole", later, "remove sublicense"]
    if kind == "keep":
        return ["remove otherwise", later]
    return []


# ---------------------------------------------------------------------- streams


def stream(c, rng):
    """Random rows in order of dates."""
    kinds = (
        ["Act"] * 5 + ["Order"] * 5 + ["Ship"] * 6 + ["Sale"] * 7 + ["Use"] * 4 + ["Grant"] * 4 + ["Payment"] * 4 + ["Toll"] * 4
        + ["Signal", "Signal", "Notice", "Halt", "Resume", "Transfer", "Storm", "Calm", "Join", "Leave"]
    )
    day, rows = date(2025, 1, 1) + timedelta(days=rng.randint(0, 40)), []
    if day < date(2025, 2, 28):
        day = max(day, date(2025, 1, 1))
    pace = c.pick([1, 3, 8, 20])
    pays = [p for p in c.pays]
    for _ in range(rng.randint(0, 45)):
        kind = c.pick(kinds)
        if kind == "Payment" and not pays:
            kind = "Sale"
        row = {**when(c, day), "kind": kind, **fields(c, rng, kind, pays)}
        if kind == "Payment" and c.chance(0.85):
            words = c.texts[row["for"]].split()
            row["by"], row["to"] = words[0], words[2]
        if kind == "Payment":
            if row["for"] in c.in_yen:
                row["amount"] = c.pick([rng.randint(1, 3000), f"{rng.randint(1, 900)} JPY"])
            if row["for"] in c.keyed:
                row["item"] = c.pick(ITEMS)
        rows.append(row)
        day += timedelta(days=rng.choice([0, 0, 1, rng.randint(0, 2 * pace)]))
    return rows


def when(c, day):
    """The day of a row, or a moment of it in the deal's zone, written in one of the ways that a stream may."""
    if c.chance(0.7):
        return {"date": day.isoformat()}
    there = datetime.combine(day, time(c.rng.randint(4, 23), c.rng.randint(0, 59)), ZoneInfo(c.zone))
    how = c.pick(["own", "utc", "offset"])
    if how == "own":
        return {"at": there.replace(tzinfo=None).isoformat(timespec="minutes")}
    other = timezone.utc if how == "utc" else timezone(timedelta(hours=c.rng.randint(-9, 9), minutes=30))
    return {"at": there.astimezone(other).isoformat(timespec="minutes").replace("+00:00", "Z")}


def day_of_row(row, zone):
    """The day of a row in the deal's zone."""
    if "date" in row:
        return row["date"]
    at = datetime.fromisoformat(row["at"].replace("Z", "+00:00"))
    return (at if at.tzinfo is None else at.astimezone(ZoneInfo(zone))).date().isoformat()


def fields(c, rng, kind, pays):
    """Random fields of a kind."""
    out = {}
    for name, ty in KINDS[kind].items():
        optional = ty.endswith("?")
        if optional and c.chance(0.4):
            continue
        out[name] = cell(c, rng, kind, name, ty.rstrip("?"), pays)
    return out


def cell(c, rng, kind, name, ty, pays):
    """A random cell of a type."""
    if ty == "party":
        return c.pick(PARTIES * 3 + OTHERS) if kind != "Payment" else c.pick(PARTIES)
    if ty == "money":
        low = -50 if kind == "Sale" and c.chance(0.15) else 1
        return f"{rng.randint(low, 300)}.{rng.randint(0, 99):02d}" if low > 0 else f"{rng.randint(-50, -1)}.00"
    if ty == "kg":
        return c.pick([1, 2, 3.5, 0.75, 6, 10])
    if ty == "JPY":
        return c.pick([rng.randint(1, 3000), f"{rng.randint(1, 3000)} JPY", f"JPY {rng.randint(-300, 300)}"])
    if ty == "instant":
        return c.instant()
    if ty == "int":
        return rng.randint(1, 5)
    if ty == "bool":
        return c.chance(0.5)
    if ty == "duration":
        return c.pick(["3 days", "10 days", "1 month"])
    if ty == "date":
        return (date(2025, 3, 1) + timedelta(days=rng.randint(0, 500))).isoformat()
    if ty == "words":
        return c.pick(["exclusive", "exclusive", "sole", "non-exclusive", "exclusive except grantor"])
    if ty == "clause":
        return c.pick(pays)
    if ty == "text":
        return c.pick(ITEMS)
    return c.pick({"Color": COLORS[1:], "Territory": REGIONS, "Asset": ASSETS, "Field": FIELDS}[ty])
