"""Random clauses as text. Each is one sentence or two; the ids say their kind.

Invariant: a clause names only clauses of the deal that is being built.
"""

from gen_words import ASSETS, FIELDS, OTHERS, PARTIES, REGIONS, Words


class Clauses(Words):
    """Makes the clauses of a deal one by one."""

    def __init__(self, rng):
        super().__init__(rng)
        self.made = {}  # id -> kind
        self.keyed = set()
        self.pair = None
        self.keys = {}  # id -> how it is kept apart
        self.replaced = None  # the clause that is stated anew
        self.texts = {}  # id -> text, as far as amendments have it
        self.full = {}  # id -> key and body, as last stated whole
        self.n = 0
        self.rekeys = 0.2  # how often a text that replaces another is kept apart by other fields

    def of(self, *kinds):
        return [c for c, k in self.made.items() if k in kinds]

    def who(self):
        return self.pick(
            ["Ada", "Bo", "Ada, Bo", "either party", "anyone", "Club", f"anyone except {self.pick(PARTIES)}"]
        )

    def term(self, renew=True):
        """Modifiers that bound a term."""
        out = []
        if self.chance(0.2):
            out.append(f"from {self.day()}")
        roll = self.rng.random()
        if out:
            roll = max(roll, 0.15)
        if roll < 0.15:
            out.append(f"through {self.pick([self.day(2025, 6), '2025', '2025-09'])}")
        elif roll < 0.25:
            out.append(self.pick([f"for {self.rng.randint(2, 12)} months", f"for {self.rng.randint(20, 200)} business days"]))
        elif roll < 0.3 and not out:
            out.append(f"before {self.day(2025, 6)}")
        if out and "from" not in out[-1] and renew and self.chance(0.4):
            when = f" if {self.state()}" if self.chance(0.5) else ""
            times = f" up to {self.rng.randint(1, 3)} times" if self.chance(0.6) else ""
            out.append(f"renews for {self.rng.randint(1, 4)} months{times}{when}")
        if self.chance(0.15):
            out.append(f"until {self.pick(['Signal where level is at least 4', 'Calm', 'Transfer where by is Ada'])}")
        if self.chance(0.07):
            out.append(f"until {self.money_sum_total()} reaches {self.money(50, 900)}")
        if self.chance(0.1):
            out.append(f"while {self.state()}")
        return out

    def money_sum_total(self):
        own = ["tolls in total"] if self.currency == "JPY" else ["sold in total", "ordered in total"]
        return self.pick(own + [f"accrued {c} in total" for c in self.kin()])

    def exceptions(self, kind):
        out = []
        for i in range(self.pick([0, 0, 0, 1, 1, 2])):
            inner = f" {{ unless {self.condition(kind)} }}" if self.chance(0.3) else ""
            label = f"e{i}: " if self.chance(0.4) else ""
            out.append(f"unless {label}{self.condition(kind)}{inner}")
        return out

    def ranking(self):
        out = []
        others = self.of("may", "not", "grant")
        if others and self.chance(0.35):
            out.append(f"subject to {self.pick(others)}")
        if others and self.chance(0.2):
            out.append(f"notwithstanding {self.pick(others)}")
        return out

    def clause(self, wanted=None):
        """A new clause: id and text."""
        kind = wanted or self.pick(
            ["may"] * 3 + ["not"] * 3 + ["before"] + ["duty"] * 3 + ["keep"] + ["pay"] * 5 + ["period"] * 2
            + ["grant"] * 2 + ["power"] * 2 + ["relief"] * 2 + ["reading"]
        )
        self.n += 1
        cid = f"{kind}-{self.n}"
        self.currency = "USD"
        if kind in ("pay", "period") and self.chance(0.3):
            # A text that replaces another keeps its currency, so that sums about it still fit.
            self.currency = "JPY"
        if self.replaced is not None:
            self.currency = "JPY" if self.replaced in self.in_yen else "USD"
        key, lines = getattr(self, f"_{kind}")(cid)
        if self.currency == "JPY":
            self.in_yen.add(cid)
        self.currency = "USD"
        self.made[cid] = "pay" if kind == "period" else kind
        self.texts[cid] = " ".join(lines)
        self.keys[cid] = key
        if key:
            self.keyed.add(cid)
        if kind in ("pay", "period"):
            self.pays.append(cid)
        if kind in ("not", "before", "duty", "keep"):
            self.breached.append(cid)
        self.full[cid] = f"{key}{{\n    " + "\n    ".join(lines) + "\n}"
        return cid, self.full[cid]

    # ------------------------------------------------------------ rules

    def _rule(self, head, kind):
        mods = []
        if self.chance(0.5):
            mods.append(f"where {self.condition(kind)}")
        mods += self.exceptions(kind)
        if head == "may" and self.chance(0.2):
            mods.append(f"only if {self.condition(kind)}")
        mods += self.ranking() + self.term()
        return " ".join([f"{self.who()} {head} {kind}", *mods])

    def _may(self, cid):
        return "", [self._rule("may", self.pick(["Act", "Act", "Order", "Ship", "Use", "Grant"]))]

    def _not(self, cid):
        repair = " " + self.reparation(False) if self.chance(0.35) else ""
        if self.chance(0.1):
            repair = " otherwise { Bo must Ship within 6 days of breach otherwise { Bo pays Cy 3 USD } }"
        return "", [self._rule("must not", self.pick(["Act", "Act", "Order", "Ship", "Notice", "Use", "Grant"])) + repair]

    def _before(self, cid):
        kind = self.pick(["Act", "Ship"])
        same = self.pick([" of the same item", ""])
        where = f" where {self.condition(kind)}" if self.chance(0.3) else ""
        return "", [f"{self.who()} must not {kind}{where} before Order{same} where {self.test('Order')}"]

    def _reading(self, cid):
        kind = self.pick(["Act", "Order"])
        a, b = self._rule("must not", kind), self._rule(self.pick(["must not", "may"]), kind)
        return "", [f"reading narrow {{ {a} }}", f"reading wide {{ {b} }}"]

    def key(self, periodic=False):
        """How a clause is kept apart; a text that replaces another mostly keeps its way."""
        drawn = self.pick(["", "", "for each item ", "for each item in stock "])
        if self.replaced is not None and self.chance(1 - self.rekeys):
            return self.keys[self.replaced]
        return "" if periodic and "stock" not in drawn else drawn

    # ------------------------------------------------------------ duties

    def reparation(self, delay):
        a, b = self.rng.sample(PARTIES, 2)
        roll = self.rng.random()
        cap = f" cap {self.money(10, 150)} {self.pick(['in total counting from effective', 'per year'])}" if self.chance(0.4) else ""
        if delay and roll < 0.35:
            unit = self.pick(["started day", "completed week", "started month", "completed business day"])
            return f"otherwise {{ {a} pays {b} {self.money(1, 20)} per {unit} of delay{cap} }}"
        due = self.pick(["", " due within 10 days", " due within 4 business days"])
        return f"otherwise {{ {a} pays {b} {self.money(1, 80)}{cap}{due} }}"

    def _duty(self, cid):
        who = self.pick(["Ada", "Bo", "Ada, Bo"])
        key = self.key()
        mods = [f"where {self.test('Ship')}"] if self.chance(0.3) else []
        form = self.pick(["within", "within", "within", "by", "each", "open"])
        if key:
            form = "within"
        if self.chance(0.3):
            mods.append(self.pick([f"totalling {self.money(20, 300)} by amount", "totalling 5 kg by weight"]))
        if form == "within":
            length = self.pick(["3 days", "10 days", "2 weeks", "1 month", "5 days", "3 business days", "10 business days"])
            same = self.pick([" of the same item", ""]) if not key else ""
            guard = f" where {self.test('Order')}" if self.chance(0.4) else ""
            mods.append(f"within {length} of Order{same}{guard}")
        elif form == "by":
            mods.append(f"by {self.pick([self.day(2025, 6), self.day(2026)])}")
        elif form == "each":
            after = f"within {self.pick(['5 days', '2 weeks', '40 days'])} after " if self.chance(0.4) else ""
            mods.append(f"{after}each {self.pick(['week', 'month', 'quarter'])}")
        else:
            mods.append("no deadline")
        if form != "open" and self.chance(0.7):
            mods.append(self.reparation(True))
        mods += [m for m in self.term() if form != "open" or not m.startswith("renews")]
        return key, [" ".join([f"{who} must Ship", *mods])]

    def _keep(self, cid):
        repair = f" {self.reparation(False)}" if self.chance(0.6) else ""
        if self.chance(0.2):
            repair = " otherwise { Bo must Ship within 6 days of breach otherwise { Bo pays Cy 3 USD } }"
        kind = self.pick(["Signal", "Act"])
        condition = "level is up to 3" if kind == "Signal" else "size is at least 2"
        guard = f" where {self.test(kind)}" if self.chance(0.4) else ""
        return "", [" ".join([f"Ada must keep {condition} on each {kind}{guard}{repair}", *self.term()])]

    # ------------------------------------------------------------ payments

    def bands(self, unit, fixed):
        a, b = sorted(self.rng.sample(range(20, 500), 2))
        rate = (lambda: self.money(1, 50)) if fixed else (lambda: self.percent())
        edge = self.pick([("up to", "more than"), ("less than", "from")])
        return (
            f"{{ {edge[0]} {a} {unit}: {rate()}  {edge[1]} {a} {unit} {edge[0]} {b} {unit}: {rate()}  "
            f"{edge[1]} {b} {unit}: {rate()} }}"
        )

    def money_mods(self, stock=False):
        """Modifiers of a payment; `stock` where its clause has an instance per row of that table."""
        mods = []
        for _ in range(self.pick([0, 0, 1, 1, 2])):
            per = self.pick(["per " + self.period(), "per event", "per rolling 2 months", "in total counting from effective"])
            what = self.pick([self.money(20, 300), self.money(20, 300), f"20% of ({'tolls' if self.currency == 'JPY' else 'sold'} this month)"])
            if stock and self.chance(0.6):
                what = "stock.limit"
            cap = f"cap {what} {per}"
            if "in total" not in per and self.chance(0.2):
                cap += f" counting from {self.day()}"
            if self.chance(0.2):
                cap += f" counting {self.pick(['due', 'paid'])}"
            if self.chance(0.2):
                cap += " refunds restore"
            mods.append(cap)
        if self.kin() and self.chance(0.25):
            most = self.pick(["", " up to 50%", f" up to {self.money(1, 40)}"])
            mods.append(f"crediting {self.pick(['accrued', 'due', 'paid'])} {self.pick(self.kin())}{most}")
        if self.chance(0.3):
            carry = self.pick(["", " carrying shortfall for 1 year", " carrying shortfall for 2 months"])
            mods.append(f"floor {self.money(5, 120)} per {self.pick(['month', 'quarter', 'year', 'contract year'])}{carry}")
        if self.chance(0.6):
            mode = self.pick(["half-even", "half-up", "half-down", "up", "down"])
            mods.append(f"rounded {mode} per {self.pick(['event', 'event', 'month', 'quarter', 'year'])}")
        if self.chance(0.5):
            mods.append(
                "due "
                + self.pick(
                    ["at once", "within 10 days", "within 1 month", "within 20 days after each month", f"on {self.day()}"]
                    + ["within 5 business days", "within 3 business days after each quarter"]
                )
            )
        if self.chance(0.4):
            count = self.pick(["actual/360", "actual/365", "actual/actual", "30/360"])
            mods.append(f"late interest {self.pick(['8%', '11.5%', 'p_rate'])} per year {count}")
        return mods

    def _pair(self):
        """Payer and payee; mostly those of the text that is replaced, where one is."""
        if self.pair and self.chance(0.75):
            return self.pair
        return self.rng.sample(PARTIES, 2)

    def _pay(self, cid):
        a, b = self._pair()
        kind = self.pick(["Sale", "Sale", "Order", "Ship"]) if self.currency == "USD" else "Toll"
        base, code = ("amount", "USD") if kind != "Toll" else ("toll", "JPY")
        key = self.key()
        stock = "stock" in key and code == "USD"
        roll = self.rng.random()
        if roll < 0.2:
            amount = f"marginal tiers of {base} per {self.pick(['month', 'year', 'event'])} {self.bands(code, False)}"
        elif roll < 0.3:
            amount = f"whole tiers of {base} per {self.pick(['month', 'quarter'])} {self.bands(code, self.chance(0.5))}"
        elif "stock" in key and roll < 0.6:
            amount = f"stock.share of {base}"
        elif roll < 0.35 and kind in ("Sale", "Ship"):
            amount = f"whole tiers of weight per month {self.bands('kg', True)}"
        else:
            amount = self.amount(kind)
        on = self.pick(["on each", "on each", "on each", "on the first"])
        guard = f" where {self.condition(kind)}" if self.chance(0.4) else ""
        mods = self.money_mods(stock) + self.term()
        if self.chance(0.15):
            mods.append(f"unless {self.condition(kind)}")
        return key, [" ".join([f"{a} pays {b} {amount} {on} {kind}{guard}", *mods])]

    def _period(self, cid):
        a, b = self._pair()
        if self.chance(0.25) and not self.keys.get(self.replaced):
            return "", [" ".join([f"{a} pays {b} {self.money()} on {self.day()}", *self.money_mods()])]
        key, amount = self.key(periodic=True), self.period_amount()
        stock = "stock" in key
        if stock:
            if self.currency == "USD":
                amount = self.pick(["stock.limit / 3", "stock.share of (sold this month)", amount])
        when = self.pick(["", "in arrears", "in advance"])
        prorated = "prorated by days" if self.chance(0.4) else ""
        period = self.pick(["month", "month", "quarter", "week", "contract year"])
        text = f"{a} pays {b} {amount} each {period} {when} {prorated}"
        return key, [" ".join([text, *self.money_mods(stock and self.currency == "USD"), *self.term()])]

    # ------------------------------------------------------------ grants, powers, relief

    def _grant(self, cid):
        a, b = self.rng.sample(PARTIES, 2)
        kind = self.pick(
            ["an exclusive", "an exclusive", "a sole", "a non-exclusive", "an exclusive except grantor", f"a co-exclusive with {self.pick(OTHERS)}"]
        )
        assets = ", ".join(self.rng.sample(ASSETS, self.pick([1, 1, 2])))
        place = self.pick(["worldwide", f"in {self.pick(REGIONS)}", f"in {', '.join(self.rng.sample(REGIONS, 2))}"])
        field = self.pick(["any field", f"for {self.pick(FIELDS)}"])
        mods = []
        if self.chance(0.6):
            to = f" to {self.pick(PARTIES + OTHERS)}" if self.chance(0.2) else ""
            depth = f" depth {self.rng.randint(1, 2)}" if self.chance(0.5) else ""
            mods.append(f"may sublicense{to}{depth}")
        if self.chance(0.2):
            mods.append(f"exclusive while {self.state()}")
        if self.chance(0.2):
            mods.append("surviving")
        return "", [" ".join([f"{a} grants {b} {kind} license to Use {assets} {place}, {field}", *self.term(), *mods])]

    def _power(self, cid):
        who = self.pick(["Ada", "Bo", "either party"])
        act = self.pick(["terminate", "terminate", "suspend", "resume", "extend", "assign"])
        others = self.of("may", "not", "before", "duty", "keep", "pay", "grant")
        if act == "terminate" and (not others or self.chance(0.3)):
            targets = "the agreement"
        elif not others:
            return "", [f"{who} may Act"]
        else:
            targets = ", ".join(dict.fromkeys(self.pick(others) for _ in range(self.pick([1, 1, 2]))))
        event = {"suspend": "Halt", "resume": "Resume", "assign": "Transfer"}.get(act, "Notice")
        mods = [f"exercised by {event}"]
        if self.chance(0.5):
            mods.append(f"when {self.state()}")
        if act in ("terminate", "suspend") and self.chance(0.5):
            mods.append(f"by notice of {self.pick(['10 days', '1 month', '5 business days'])}")
        if act == "terminate" and others and self.chance(0.3):
            mods.append(f"surviving {self.pick(others)}{self.pick(['', ' for 40 days', ' for 2 months'])}")
        if act == "extend":
            mods.append("for 2 months")
        if act == "suspend" and self.chance(0.5):
            mods.append(f"clocks {self.pick(['stop', 'run'])}")
        return "", [" ".join([f"{who} may {act} {targets}", *mods])]

    def _relief(self, cid):
        targets = self.of("duty") or self.of("not", "keep")
        if not targets:
            return "", ["Ada may Act"]
        target = self.pick(targets)
        if self.made[target] == "duty" and self.chance(0.4):
            return "", [f"Storm extends {target} by {self.pick(['5 days', 'lost', '1 month', '3 business days'])}"]
        end = self.pick(["until Calm", "for 10 days", "for 1 month", "for 7 business days", ""])
        clocks = self.pick(["", " clocks stop", " clocks run"]) if self.made[target] == "duty" and end else ""
        return "", [f"{self.ref('Storm', 0.2)} excuses {target} {end}{clocks}"]
