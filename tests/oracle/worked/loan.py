"""The loan through its five amendments."""

from fractions import Fraction

from common import Deal, cents, half_even, money

deal = Deal("loan", ["advances", "repayment", "interest", "prepayment", "waiver-fee", "leverage"])
e = deal.event
balance, months, charged = 0, [], {}


def move(date, kind, amount, verdict, by, **more):
    """Draws add to the balance, repayments take from it."""
    global balance
    until(date)
    minor = cents(amount)
    balance += minor if kind == "Draw" else -minor
    fee = {"prepayment": minor // 100} if kind == "Prepay" else {}
    e(date, kind, verdict, by, fee, by_="Bank" if kind == "Draw" else "Brightwater", amount=money(minor), **more)


def report(date, debt, earnings, breach):
    until(date)
    e(
        date,
        "ComplianceReport",
        "breach" if breach else "silent",
        ["leverage"] if breach else [],
        {"leverage": cents("10_000")} if breach else {},
        by_="Brightwater",
        debt=money(cents(debt)),
        earnings=money(cents(earnings)),
    )


def other(date, kind, verdict="silent", by=(), **fields):
    until(date)
    e(date, kind, verdict, by, **fields)


def charge(year, month, rate):
    """A twelfth of the yearly rate (in tenths of a percent) on the balance at the end of the month."""
    amount = half_even(Fraction(balance * rate, 12 * 1000))
    deal.time("interest", amount)
    charged[year, month] = (amount, balance)


done = (2025, 0)
adjusted = False


def until(date):
    """Lets the month ends, and the day of the fourth signature, before a date happen."""
    global done, adjusted
    year, month, day = map(int, date.split("-"))
    while True:
        y, m = (done[0], done[1] + 1) if done[1] < 12 else (done[0] + 1, 1)
        if not adjusted and (y, m) == (2026, 3) and (year, month, day) > (2026, 3, 20):
            # January and February 2026 at 5.5 instead of 6.5 percent
            for ym in ((2026, 1), (2026, 2)):
                was, base = charged[ym]
                deal.time("interest", half_even(Fraction(base * 55, 12 * 1000)) - was)
            adjusted = True
        if (y, m) >= (year, month):
            return
        if (y, m) < (2025, 7):
            rate = 60
        elif (y, m) < (2026, 3):
            rate = 65  # January and February 2026 too, as then known
        else:
            rate = 55
        charge(y, m, rate)
        done = (y, m)


other("2025-01-16", "DrawRequest", by_="Brightwater", request="first", amount="1200000.00")
move("2025-01-21", "Draw", "1_200_000", "permitted", ["advances"], request="first")
report("2025-03-31", "3_900_000", "1_000_000", False)
move("2025-04-15", "Repay", "50_000", "permitted", ["repayment"])
other("2025-05-05", "DrawRequest", by_="Brightwater", request="second", amount="300000.00")
# the third business day after Monday 5 May is the 8th; the advance comes on the 12th
deal.time("advances", cents("250"))
move("2025-05-12", "Draw", "300_000", "silent", [], request="second")
report("2025-06-30", "4_500_000", "1_100_000", True)
other("2025-07-10", "Charge", "breach", ["negative-pledge"], by_="Brightwater", over="the warehouse")
deal.time("waiver-fee", cents("7_500"))
move("2025-09-15", "Repay", "30_000", "permitted", ["repayment"])
report("2025-09-30", "4_900_000", "1_100_000", False)  # waived
deal.time("repayment", cents("500"))  # 20,000 short in the third quarter
move("2025-10-20", "Repay", "70_000", "permitted", ["repayment"])
report("2025-12-31", "4_900_000", "1_100_000", False)  # waived, on the last day
move("2026-01-15", "Prepay", "200_000", "silent", [])
move("2026-03-25", "Repay", "50_000", "permitted", ["repayment"])
report("2026-03-31", "3_850_000.01", "1_100_000", True)  # 3.5 times 1.1 million is 3.85 million
move("2026-06-15", "Repay", "50_000", "permitted", ["repayment"])
report("2026-06-30", "3_850_000", "1_100_000", False)
other("2026-07-01", "Charge", by_="Brightwater", over="equipment")
other("2026-07-02", "Charge", "breach", ["negative-pledge"], by_="Brightwater", over="the warehouse")
move("2026-09-10", "Repay", "60_000", "permitted", ["repayment"])
report("2026-09-30", "4_000_000", "1_000_000", True)
other("2026-10-02", "DrawRequest", by_="Brightwater", request="third", amount="100000.00")
deal.write()
