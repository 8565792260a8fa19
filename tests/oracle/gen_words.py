"""The fixed vocabulary of random deals: parties, terms, event kinds, and random expressions over them.

Invariant: everything made here is well typed, so that a random deal passes the checker.
"""

PARTIES = ["Ada", "Bo", "Cy"]
OTHERS = ["Xu", "Yi"]
COLORS = ["Color", "Red", "Crimson", "Scarlet", "Blue", "Navy", "Green"]
REGIONS = ["Europe", "Germany", "France", "America", "Canada"]
FIELDS = ["Cinema", "Tv", "FreeTv", "PayTv"]
ASSETS = ["Film", "Feature", "Trailer", "Music"]
ITEMS = ["ink", "jam", "kit"]

WORDS = """vocabulary Color { Red { Crimson Scarlet } Blue { Navy } Green }
vocabulary Asset { Film { Feature Trailer } Music }
vocabulary Territory { Europe { Germany France } America { Canada } }
vocabulary Field { Cinema Tv { FreeTv PayTv } }
unit kg
calendar Desk {
    weekend saturday, sunday
    holidays 2025-01-01, 2025-04-18, 2025-04-21, 2025-05-01, 2025-12-25, 2025-12-26, 2026-01-01, 2026-04-03
    covers 2024-06-01 through 2028-12-31
}
table stock by item: text { share: percent  limit: money } {
    "ink": 4%, 90.50 USD
    "jam": 12.5%, 200 USD
    "kit": 30%, 15 USD
}
event Act { by: party  item: text  color: Color  size: int  urgent: bool  note: Color optional }
event Order { by: party  item: text  amount: money  color: Color }
event Ship { by: party  item: text  amount: money  weight: decimal kg }
event Sale { by: party  item: text  amount: money  weight: decimal kg  region: Territory optional }
event Toll { by: party  item: text  toll: money JPY  seen: instant }
event Signal { level: int  item: text }
event Notice { by: party }
event Halt { by: party }
event Resume { by: party }
event Transfer { by: party  to: party }
event Storm { item: text  lost: duration }
event Calm { item: text }
event Join { member: party }
event Leave { member: party }
total sold = amount on Sale
total shipped = weight on Ship where weight is more than 1 kg
total ordered = amount on Order where color is Red
total tolls = toll on Toll
register Club of party { initially Ada add member on Join remove member on Leave }
define net = amount * 9 / 10"""

# Fields by kind: name -> type.
KINDS = {
    "Act": {"by": "party", "item": "text", "color": "Color", "size": "int", "urgent": "bool", "note": "Color?"},
    "Order": {"by": "party", "item": "text", "amount": "money", "color": "Color"},
    "Ship": {"by": "party", "item": "text", "amount": "money", "weight": "kg"},
    "Sale": {"by": "party", "item": "text", "amount": "money", "weight": "kg", "region": "Territory?"},
    "Toll": {"by": "party", "item": "text", "toll": "JPY", "seen": "instant"},
    "Signal": {"level": "int", "item": "text"},
    "Notice": {"by": "party"},
    "Halt": {"by": "party"},
    "Resume": {"by": "party"},
    "Transfer": {"by": "party", "to": "party"},
    "Storm": {"item": "text", "lost": "duration"},
    "Calm": {"item": "text"},
    "Join": {"member": "party"},
    "Leave": {"member": "party"},
    "Use": {"by": "party", "asset": "Asset", "territory": "Territory?", "field": "Field?"},
    "Grant": {
        "by": "party",
        "to": "party",
        "asset": "Asset",
        "territory": "Territory?",
        "field": "Field?",
        "exclusivity": "words?",
        "through": "date?",
        "sublicense": "bool?",
    },
    "Payment": {"by": "party", "to": "party", "amount": "money", "for": "clause"},
}

TERMS = {"Color": COLORS, "Territory": REGIONS, "Asset": ASSETS, "Field": FIELDS}
PERIODS = ["day", "week", "month", "quarter", "year", "fiscal year", "contract year"]


class Words:
    """Random expressions."""

    def __init__(self, rng):
        self.rng = rng
        self.pays, self.breached = [], []  # clauses that sums may ask about
        self.currency = "USD"  # of the amounts made now
        self.in_yen = set()  # clauses that pay in the second currency

    def pick(self, options):
        return self.rng.choice(options)

    def chance(self, p):
        return self.rng.random() < p

    def money(self, low=1, high=400):
        n = self.rng.randint(low, high)
        if self.currency == "JPY":
            return f"{n * 7} JPY"
        return self.pick([f"{n} USD", f"{n}.{self.rng.randint(0, 99):02d} USD"])

    def percent(self):
        return self.pick(["10%", "12.5%", "33%", "7.25%", "50%", "100%", "p_rate"])

    def kin(self):
        """The payments in the currency of the amounts made now."""
        return [c for c in self.pays if (c in self.in_yen) == (self.currency == "JPY")]

    def instant(self):
        """A moment: of UTC, of an offset, or of the deal's zone (never in an hour that a change of clocks takes or doubles)."""
        clock = f"{self.rng.randint(4, 22):02d}:{self.rng.randint(0, 59):02d}"
        return f"{self.day()}T{clock}{self.pick(['', ':30', 'Z', '+02:00', '-05:30'])}"

    def period(self):
        return self.pick(PERIODS)

    def day(self, year=None, month=1):
        year = year or self.pick([2025, 2025, 2026])
        return f"{year}-{self.rng.randint(month, 12):02d}-{self.rng.randint(1, 28):02d}"

    def window(self):
        return self.pick(
            [
                f"this {self.period()}",
                f"last {self.period()}",
                f"in the last {self.rng.randint(5, 60)} days",
                f"in the last {self.rng.randint(1, 4)} months",
                f"in the last {self.rng.randint(1, 15)} business days",
                "in total",
                f"since {self.day()}",
            ]
        )

    def money_sum(self):
        if self.currency == "JPY":
            options = [f"tolls {self.window()}"]
        else:
            options = [f"sold {self.window()}", f"ordered {self.window()}"]
        for c in self.kin():
            options.append(f"{self.pick(['accrued', 'due', 'paid', 'overdue'])} {c} {self.window()}")
        return self.pick(options)

    def state(self):
        """A condition on the history alone."""
        options = [
            lambda: f"{self.money_sum()} is {self.pick(['more than', 'at least', 'less than'])} {self.money()}",
            lambda: f"shipped {self.window()} is up to {self.rng.randint(1, 60)} kg",
            lambda: f"count of Ship {self.window()} is at least {self.rng.randint(1, 4)}",
            lambda: f"count of (Sale where weight is at least 3 kg) {self.window()} is less than {self.rng.randint(1, 4)}",
            lambda: f"{self.pick(['Signal', 'Calm', 'Storm', 'Transfer'])} has occurred",
            lambda: f"(Signal where level is at least {self.rng.randint(1, 5)}) has occurred",
            lambda: f"date is {self.pick(['less than', 'at least'])} {self.day()}",
        ]
        if self.breached:
            options.append(lambda: f"breaches of {self.pick(self.breached)} {self.window()} is at least 1")
        return self.pick(options)()

    def test(self, kind):
        """A comparison over the fields of a kind."""
        name, ty = self.pick(list(KINDS[kind].items()))
        ty = ty.rstrip("?")
        if KINDS[kind][name].endswith("?") and self.chance(0.3):
            return f"{name} is {self.pick(['', 'not '])}stated"
        if ty in TERMS:
            terms = TERMS[ty]
            if self.chance(0.25):
                return f"{name} is {self.pick(['', 'not '])}one of {', '.join(self.rng.sample(terms, 2))}"
            return f"{name} is {self.pick(['', 'not '])}{self.pick(terms)}"
        if ty == "party":
            return self.pick(
                [
                    f"{name} is {self.pick(['', 'not '])}{self.pick(PARTIES + OTHERS)}",
                    f"{name} is {self.pick(['', 'not '])}in Club",
                    f"{name} is {self.pick(['a party', 'a stranger'])}",
                ]
            )
        if ty == "money":
            return f"{name} is {self.pick(['more than', 'at least', 'up to', 'less than'])} {self.money()}"
        if ty == "int":
            return f"{name} is {self.pick(['at least', 'up to', 'not', ''])} {self.rng.randint(1, 5)}".replace("is  ", "is ")
        if ty == "kg":
            return f"{name} is {self.pick(['at least', 'less than'])} {self.rng.randint(1, 9)} kg"
        if ty == "bool":
            return self.pick([name, f"not {name}"]) if kind == "Act" else self.state()
        if ty == "JPY":
            return f"toll is {self.pick(['at least', 'less than'])} {self.rng.randint(1, 3000)} JPY"
        if ty == "instant":
            return f"seen is {self.pick(['more than', 'at least', 'up to', 'less than'])} {self.instant()}"
        if name == "item":
            return f'item is {self.pick(["", "not "])}"{self.pick(ITEMS)}"'
        return self.state()

    def condition(self, kind, depth=0):
        """A condition over an event and the history."""
        roll = self.rng.random()
        if depth < 2 and roll < 0.15:
            return f"({self.condition(kind, depth + 1)}) and ({self.condition(kind, depth + 1)})"
        if depth < 2 and roll < 0.3:
            return f"({self.condition(kind, depth + 1)}) or ({self.condition(kind, depth + 1)})"
        if roll < 0.45:
            return self.state()
        return self.test(kind)

    def ref(self, kind, p=0.5):
        """An event kind, perhaps with a guard over its own fields."""
        guard = f" where {self.test(kind)}" if self.chance(p) else ""
        return f"{kind}{guard}"

    def amount(self, kind):
        """A money expression over an event."""
        fields = KINDS[kind]
        if kind == "Toll":
            return self.pick(
                [
                    f"{self.percent()} of toll",
                    self.money(1, 60),
                    "toll / 7",
                    f"the lesser of ({self.money()}, {self.percent()} of toll)",
                    "4 JPY / 3 * started weeks from 2025-01-03 to date",
                ]
            )
        if "amount" not in fields:
            return self.money(1, 60)
        options = [
            f"{self.percent()} of amount",
            f"{self.percent()} of net",
            self.money(1, 90),
            f"the lesser of ({self.money()}, {self.percent()} of amount)",
            f"the greater of ({self.money(1, 20)}, 5% of amount) + 1 USD",
            f"(if amount is more than {self.money()} then 20% else {self.percent()}) * amount",
        ]
        if "weight" in fields:
            options += ["1.255 USD per kg * weight", "p_price * weight / 3"]
        return self.pick(options)

    def period_amount(self):
        """A money expression without an event."""
        if self.currency == "JPY":
            return self.pick([self.money(1, 200), f"{self.percent()} of (tolls this month)", "(tolls last quarter) / 3"])
        return self.pick(
            [
                self.money(1, 200),
                f"{self.percent()} of (sold this month)",
                f"{self.percent()} of (ordered this quarter) + 3 USD",
                "p_price * (shipped this month)",
            ]
        )
