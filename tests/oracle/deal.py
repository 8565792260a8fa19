"""The names of a deal, from its syntax trees.

Data flow: the files of a dump -> [`Deal`]: header, people, vocabularies, event kinds, parameters, and the clauses and
amendments as written. Invariant: nothing here depends on events or on time.
"""

from datetime import date

from dates import Reckoning
from tree import Fault, strip, variant

_GRANT = "by:Party to:Party asset:Asset territory:Territory? field:Field? exclusivity:Text? through:Date? sublicense:Bool?"
_USE = "by:Party asset:Asset territory:Territory? field:Field?"
_PAYMENT = "by:Party to:Party amount:Money for:Clause"


def _fields(text):
    out = {}
    for word in text.split():
        name, ty = word.split(":")
        optional = ty.endswith("?")
        ty = ty.rstrip("?")
        if ty == "Money":
            typed = {"Money": {"currency": None, "per": None}}
        else:
            typed = ty if ty in ("Party", "Text", "Date", "Bool", "Clause") else {"Named": ty}
        out[name] = (typed, optional)
    return out


def day_of(d):
    """A syntactic date."""
    return date(d["year"], d["month"], d["day"])


class Deal:
    """A deal with its names."""

    def __init__(self, files):
        self.agreement = None
        self.clauses = []
        self.amendments = []
        self.scenarios = []
        self.schedules = {}
        self.parents = {}  # (vocabulary, term) -> parent term or None
        self.vocabularies = {}
        self.units = set()
        self.events = {"Grant": _fields(_GRANT), "Use": _fields(_USE), "Payment": _fields(_PAYMENT)}
        self.parameters = {}
        self.tables = {}
        self.defines = {}
        self.totals = {}
        self.registers = {}
        self.calendars = {}
        for name in ("Asset", "Territory", "Field"):
            self._vocabulary({"name": name, "terms": []})
        for f in files:
            for item in strip(f)["items"]:
                self._item(*variant(item))
        if self.agreement is None:
            raise Fault("no agreement")
        self._payment_keys()
        self._header()

    def _payment_keys(self):
        """A `Payment` may name the instance that it pays: the key fields of every clause, typed as the deal's events type them."""
        parts = [c["parts"] for c in self.clauses]
        for a in self.amendments:
            for kind, op in map(variant, a["operations"]):
                parts += [op["clause"]["parts"]] if kind == "Insert" else []
                parts += [op["with"]] if kind in ("Replace", "Restate") else []
                parts += [c["parts"] for c in op] if kind == "RestateAll" else []
        declared = {n: ty for fields in self.events.values() for n, (ty, _) in reversed(fields.items())}
        for name in [n for p in parts if p["key"] for n in p["key"]["fields"]]:
            if name in declared:
                self.events["Payment"].setdefault(name, (declared[name], True))

    def _item(self, kind, it):
        if kind == "Agreement":
            self.agreement = it
        elif kind == "Amendment":
            self.amendments.append(it)
        elif kind == "Clause":
            self.clauses.append(it)
        elif kind == "Scenario":
            self.scenarios.append(it)
        elif kind == "Schedule":
            self.schedules[it["id"]] = it
        elif kind == "Vocabulary":
            self._vocabulary(it)
        elif kind == "Unit":
            self.units.add(it)
        elif kind == "Event":
            self.events[it["name"]] = {f["name"]: (f["ty"], f["optional"]) for f in it["fields"]}
        elif kind == "Parameter":
            self.parameters[it["name"]] = it
        elif kind in ("Table", "Define", "Total", "Register", "Calendar"):
            getattr(self, kind.lower() + "s")[it["name"]] = it
        elif kind not in ("Assumption", "KeyTerm", "Prove"):
            raise Fault(f"unknown item {kind}")

    def _vocabulary(self, it):
        root = it["name"]
        self.vocabularies[root] = [root]
        self.parents[(root, root)] = None

        def below(terms, parent):
            for t in terms:
                self.parents[(root, t["name"])] = parent
                self.vocabularies[root].append(t["name"])
                below(t["children"], t["name"])

        below(it["terms"], root)

    def _header(self):
        self.parties, self.others, self.others_any = [], [], False
        self.currencies, self.zone = ["USD"], "UTC"
        self.defaults, self.tracked = {}, False
        months, fiscal, business = None, (1, 1), None
        self.effective_expr = self.signed_expr = None
        for line in self.agreement["header"]:
            kind, h = variant(line)
            if kind == "Parties":
                self.parties += h
            elif kind == "Others":
                self.others += h
            elif kind == "OthersAny":
                self.others_any = True
            elif kind == "Effective":
                self.effective_expr = h
            elif kind == "Signed":
                self.signed_expr = h
            elif kind == "Currency":
                self.currencies = h
            elif kind == "Zone":
                self.zone = h
            elif kind == "Default":
                self.defaults[h["event"]] = h["permitted"]
            elif kind == "Months":
                months = h
            elif kind == "FiscalYear":
                fiscal = (h["month"], h["day"])
            elif kind == "PaymentsTracked":
                self.tracked = True
            elif kind == "BusinessDays":
                business = self._business(h)
            elif kind != "Source":
                raise Fault(f"unknown header line {kind}")
        self.reckoning = Reckoning(months, fiscal, date(2000, 1, 1), business)

    def _business(self, name):
        names = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
        c = self.calendars[name]
        covers = c["covers"] and (day_of(c["covers"][0]), day_of(c["covers"][1]))
        return {names.index(w.lower()) + 1 for w in c["weekend"]}, {day_of(d) for d in c["holidays"]}, covers

    @property
    def currency(self):
        """The deal's own currency."""
        return self.currencies[0]

    def under(self, term, above):
        """True where a term is another or below it."""
        vocabulary, name = term
        if vocabulary != above[0]:
            return False
        while name is not None:
            if name == above[1]:
                return True
            name = self.parents.get((vocabulary, name))
        return False

    def find_term(self, name, vocabulary=None):
        """The vocabulary that has a term, preferring the one at hand."""
        if vocabulary and (vocabulary, name) in self.parents:
            return vocabulary
        for v, terms in self.vocabularies.items():
            if name in terms:
                return v
        return None
