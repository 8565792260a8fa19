"""Unit tests of the oracle. Every figure is hand arithmetic, shown beside it."""

import os
import sys
import unittest
from datetime import date
from fractions import Fraction

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))

import dates
import run as engine
from deal import Deal
from history import Event
from tree import Fault
from values import Money, Person, plain

DAY = lambda text: {"base": {"Day": dict(zip(("year", "month", "day"), map(int, text.split("-"))))}, "offset": None}
USD = lambda number: {"Money": {"number": number, "scale": None, "currency": "USD", "per": None}}
ON = lambda event: {"event": event, "same": [], "guard": None}


def field(name, ty, optional=False):
    return {"name": name, "ty": ty, "optional": optional}


def clause(cid, head, *modifiers, key=None):
    statement = {"Statement": {"head": head, "modifiers": list(modifiers)}}
    return {"Clause": {"id": cid, "parts": {"number": None, "title": None, "key": key, "body": [statement]}}}


def deal(*items, header=()):
    lines = [{"Parties": ["A", "B"]}, {"Others": ["X"]}, {"Effective": DAY("2025-01-01")}, {"Currency": ["USD"]}]
    agreement = {"Agreement": {"id": "d", "title": "D", "header": [*lines, *header]}}
    money = {"Money": {"currency": None, "per": None}}
    sale = {"Event": {"name": "Sale", "fields": [field("by", "Party"), field("amount", money)]}}
    stop = {"Event": {"name": "Stop", "fields": [field("by", "Party")]}}
    return Deal([{"items": [agreement, sale, stop, *items], "comments": []}])


def sale(row, day, amount, by="A"):
    money = Money(Fraction(amount) * 100, "USD")
    return Event(row, date.fromisoformat(day), "Sale", {"by": Person(by), "amount": money})


def stop(row, day, by="A"):
    return Event(row, date.fromisoformat(day), "Stop", {"by": Person(by)})


def play(d, rows, until=None):
    outcomes, clock, _ = engine.play_all(d, {}, {}, rows, date.fromisoformat(until) if until else None)
    return outcomes, clock


def accrued(outcome):
    return sum(a["amount"] for a in outcome["accruals"])


class Dates(unittest.TestCase):
    def test_months_lack_days(self):
        # 31 January and one month: February 2025 has 28 days.
        self.assertEqual(dates.shift_months(date(2025, 1, 31), 1, "Down"), date(2025, 2, 28))
        self.assertEqual(dates.shift_months(date(2025, 1, 31), 1, "Up"), date(2025, 3, 1))
        with self.assertRaises(Fault):
            dates.shift_months(date(2025, 1, 31), 1, None)

    def test_units_between(self):
        r = dates.Reckoning()
        # 1 to 16 January: two full weeks are over on the 15th, a third has begun.
        self.assertEqual(dates.units_between(date(2025, 1, 1), date(2025, 1, 16), "Weeks", False, r), 2)
        self.assertEqual(dates.units_between(date(2025, 1, 1), date(2025, 1, 16), "Weeks", True, r), 3)
        # 31 January to 28 February is a full month.
        self.assertEqual(dates.units_between(date(2025, 1, 31), date(2025, 2, 28), "Months", False, r), 1)

    def test_year_fractions(self):
        a, b = date(2025, 1, 31), date(2025, 3, 1)
        # 29 days.
        self.assertEqual(dates.year_fraction(a, b, "Actual360"), Fraction(29, 360))
        # 30/360: the 31st counts as the 30th, so 2 months less 29 days are 31.
        self.assertEqual(dates.year_fraction(a, b, "Thirty360"), Fraction(31, 360))
        # 1 day of 2024 (366) and 1 of 2025 (365).
        whole = dates.year_fraction(date(2024, 12, 31), date(2025, 1, 2), "ActualActual")
        self.assertEqual(whole, Fraction(1, 366) + Fraction(1, 365))

    def test_rounding(self):
        half, low = Fraction(5, 2), Fraction(12, 5)
        got = {m: dates.round_fraction(half, m) for m in ("HalfEven", "HalfUp", "HalfDown", "Up", "Down")}
        self.assertEqual(got, {"HalfEven": 2, "HalfUp": 3, "HalfDown": 2, "Up": 3, "Down": 2})
        self.assertEqual([dates.round_fraction(-half, m) for m in ("HalfEven", "HalfUp", "Up")], [-2, -3, -3])
        self.assertEqual(dates.round_fraction(low, "HalfUp"), 2)

    def test_contract_year_of_a_leap_day(self):
        r = dates.Reckoning(effective=date(2024, 2, 29))
        # In common years it begins on 1 March.
        self.assertEqual(dates.period_of(date(2025, 2, 28), "ContractYear", r), (date(2024, 2, 29), date(2025, 2, 28)))

    def test_plain_money(self):
        self.assertEqual([plain(-5, "USD"), plain(1234, "USD"), plain(7, "JPY")], ["-0.05", "12.34", "7"])


class Verdicts(unittest.TestCase):
    def rule(self, kind, who, *modifiers, cid=None):
        head = {kind: {"who": who, "event": "Sale", **({"over": None} if kind == "May" else {})}}
        return clause(cid or kind.lower(), head, *modifiers)

    def verdict(self, *items, by="A", header=()):
        out, _ = play(deal(*items, header=header), [sale(1, "2025-02-01", 10, by)])
        return out[0]["verdict"], out[0]["clauses"]

    def test_conflict_and_ranking(self):
        may, no = self.rule("May", "Anyone"), self.rule("MustNot", {"Named": ["A"]})
        self.assertEqual(self.verdict(may, no), ("conflict", ["may", "mustnot"]))
        yields = self.rule("MustNot", {"Named": ["A"]}, {"SubjectTo": ["may"]})
        self.assertEqual(self.verdict(may, yields), ("permitted", ["may"]))

    def test_a_dropped_rule_drops_nothing(self):
        # `no` gives way to `may`, which gives way to `over`: `may` is dropped, so `no` stands beside `over`.
        may = self.rule("May", "Anyone", {"SubjectTo": ["over"]})
        no = self.rule("MustNot", "Anyone", {"SubjectTo": ["may"]}, cid="no")
        over = self.rule("MustNot", "Anyone", cid="over")
        self.assertEqual(self.verdict(may, no, over), ("breach", ["no", "over"]))

    def test_exceptions_to_exceptions(self):
        over = lambda n: {"Compare": ["MoreThan", {"Name": "amount"}, USD(n)]}
        ex = {"Unless": {"label": None, "condition": over("5"), "unless": [{"label": None, "condition": over("9"), "unless": []}]}}
        # 10 is more than 5, but the exception has an exception above 9.
        self.assertEqual(self.verdict(self.rule("MustNot", "Anyone", ex)), ("breach", ["mustnot"]))

    def test_strangers_and_defaults(self):
        forbidden = {"Default": {"event": "Sale", "permitted": False}}
        self.assertEqual(self.verdict(header=[forbidden]), ("breach", []))
        self.assertEqual(self.verdict(by="X", header=[forbidden]), ("unlicensed", []))
        self.assertEqual(self.verdict(), ("silent", []))


class Payments(unittest.TestCase):
    def pay(self, amount, *modifiers, key=None):
        head = {"Pays": {"payer": "A", "payee": "B", "amount": {"Expr": amount}}}
        return clause("fee", head, {"OnEach": ON("Sale")}, *modifiers, key=key)

    def share(self, percent):
        return {"Binary": ["Of", {"Percent": percent}, {"Name": "amount"}]}

    def cap(self, amount, per, **more):
        return {"Cap": {"amount": USD(amount), "per": per, "from": None, "counting": "Accrued", "refunds_restore": False, **more}}

    def test_the_crossing_event_is_split(self):
        d = deal(self.pay(self.share("10"), self.cap("15", "Month")))
        out, _ = play(d, [sale(1, "2025-02-01", 100), sale(2, "2025-02-02", 100), sale(3, "2025-03-01", 100)])
        # 10.00; 5.00 of room; a new month: 10.00.
        self.assertEqual([accrued(o) for o in out], [1000, 500, 1000])

    def test_refunds(self):
        rows = [sale(1, "2025-02-01", 100), sale(2, "2025-02-02", -40), sale(3, "2025-02-03", 100)]
        out, _ = play(deal(self.pay(self.share("10"), self.cap("10", "Month"))), rows)
        self.assertEqual([accrued(o) for o in out], [1000, -400, 0])
        out, _ = play(deal(self.pay(self.share("10"), self.cap("10", "Month", refunds_restore=True))), rows)
        # 10.00 less 4.00 leaves 4.00 of room.
        self.assertEqual([accrued(o) for o in out], [1000, -400, 400])

    def test_cumulative_rounding(self):
        per_month = {"Rounded": {"mode": "HalfUp", "per": "Month"}}
        d = deal(self.pay(self.share("0.5"), per_month))
        rows = [sale(i + 1, f"2025-02-0{i + 1}", 1) for i in range(4)]
        # 0.5 cents each: totals 0.5, 1, 1.5, 2 round to 1, 1, 2, 2.
        self.assertEqual([accrued(o) for o in play(d, rows)[0]], [1, 0, 1, 0])

    def test_a_floor_tops_up(self):
        floor = {"Floor": {"amount": USD("30"), "per": "Month", "carry": None}}
        out, clock = play(deal(self.pay(self.share("10"), floor)), [sale(1, "2025-01-05", 100)], "2025-02-28")
        top_ups = [c["accrual"]["amount"] for c in clock if c["what"] == "accrued"]
        # January 30.00 less 10.00; February nothing accrued.
        self.assertEqual(top_ups, [2000, 3000])

    def test_marginal_tiers(self):
        band = lambda low, high, rate: {
            "lower": low and [USD(low), False],
            "upper": high and [USD(high), True],
            "rate": {"Percent": rate},
        }
        tiers = {"marginal": True, "base": {"Name": "amount"}, "per": "Year", "bands": [band(None, "100", "10"), band("100", None, "20")]}
        d = deal(clause("fee", {"Pays": {"payer": "A", "payee": "B", "amount": {"Tiers": tiers}}}, {"OnEach": ON("Sale")}))
        out, _ = play(d, [sale(1, "2025-02-01", 80), sale(2, "2025-02-02", 80)])
        # 8.00; then 20 at 10 % and 60 at 20 %: 14.00.
        self.assertEqual([accrued(o) for o in out], [800, 1400])

    def test_late_interest(self):
        late = {"LateInterest": {"rate": {"Percent": "8"}, "count": "Actual365"}}
        due = {"Due": {"After": {"count": {"Literal": 10}, "unit": "Days"}}}
        d = deal(self.pay(USD("1000"), due, late), header=["PaymentsTracked"])
        fields = {"by": Person("A"), "to": Person("B"), "amount": Money(Fraction(100000), "USD"), "for": "fee"}
        rows = [sale(1, "2025-02-01", 5), Event(2, date(2025, 3, 13), "Payment", fields)]
        out, clock = play(d, rows)
        # Due on 11 February, paid 30 days later: 1,000 * 8 % * 30 / 365 is 6.5753...
        self.assertEqual(accrued(out[1]), 658)
        self.assertEqual([c["date"] for c in clock if c["what"] == "unpaid"], [date(2025, 2, 11)])


class Duties(unittest.TestCase):
    def duty(self, *modifiers):
        return clause("duty", {"Must": {"who": {"Named": ["A"]}, "event": "Stop"}}, *modifiers)

    def within(self, days):
        return {"Within": {"length": {"count": {"Literal": days}, "unit": "Days"}, "of": ON("Sale")}}

    def test_in_time_and_late(self):
        pays = {"Pays": {"payer": "A", "payee": "B", "amount": {"Expr": USD("7")}}}
        delay = {"PerDelay": {"started": True, "unit": "Days"}}
        d = deal(self.duty(self.within(5), {"Otherwise": {"head": pays, "modifiers": [delay]}}))
        rows = [sale(1, "2025-02-01", 1), sale(2, "2025-02-02", 1), stop(3, "2025-02-06"), stop(4, "2025-02-10")]
        out, clock = play(d, rows)
        # The first is due on 6 February and met; the second, due on the 7th, is met three days late.
        self.assertEqual([x["what"] for x in out[2]["duties"]], ["discharged"])
        self.assertEqual(out[2]["verdict"], "permitted")
        self.assertEqual(accrued(out[3]), 2100)
        self.assertEqual([c["date"] for c in clock if c["what"] == "lapsed"], [date(2025, 2, 7)])

    def test_each_period(self):
        d = deal(self.duty({"Each": "Month"}, {"Through": DAY("2025-03-15")}))
        _, clock = play(d, [stop(1, "2025-02-03")], "2025-04-30")
        # January lapses; February is met; March is cut by the term.
        self.assertEqual([c["date"] for c in clock if c["what"] == "lapsed"], [date(2025, 1, 31)])

    def test_within_a_length_after_each_period(self):
        after = {"WithinEach": {"length": {"count": {"Literal": 10}, "unit": "Days"}, "period": "Month"}}
        d = deal(self.duty(after, {"Through": DAY("2025-03-31")}))
        _, clock = play(d, [stop(1, "2025-02-10"), stop(2, "2025-02-20")], "2025-04-30")
        # January is due on 10 February and met; on the 20th nothing is open yet. February lapses on 10 March, March on 10 April.
        self.assertEqual([c["date"] for c in clock if c["what"] == "lapsed"], [date(2025, 3, 10), date(2025, 4, 10)])


class Amendments(unittest.TestCase):
    def test_a_retroactive_amendment_is_adjusted_at_signature(self):
        fee = {"Pays": {"payer": "A", "payee": "B", "amount": {"Expr": USD("10")}}}
        change = {"Vary": {"target": "fee", "changes": [{"Amount": {"Expr": USD("12")}}]}}
        amendment = {"id": "m", "title": "M", "to": "d", "effective": DAY("2025-02-01"), "signed": DAY("2025-03-10")}
        amendment.update(source=None, operations=[change])
        d = deal(clause("fee", fee, {"OnEach": ON("Sale")}), {"Amendment": amendment})
        rows = [sale(1, "2025-01-31", 1), sale(2, "2025-02-01", 1), sale(3, "2025-03-10", 1)]
        out, clock = play(d, rows)
        # 10.00, 10.00 as then known, 12.00; 2.00 for the second on the day of signature.
        self.assertEqual([accrued(o) for o in out], [1000, 1000, 1200])
        found = [(c["date"], c["accrual"]["amount"]) for c in clock if c.get("accrual", {}).get("component") == "adjustment"]
        self.assertEqual(found, [(date(2025, 3, 10), 200)])


if __name__ == "__main__":
    unittest.main()
