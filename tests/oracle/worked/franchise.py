"""A year of the franchise: weekly takings of two outlets, and what else happens."""

from datetime import date, timedelta
from fractions import Fraction

from common import Deal, cents, half_even, money

deal = Deal("franchise", ["royalty", "advertising", "fund-accounts"])
e = deal.event
LIMITS = [(0, cents("50_000"), 4), (cents("50_000"), cents("120_000"), 5), (cents("120_000"), None, 6)]


def banded(total):
    """Royalty on a month's net sales, in exact cents."""
    out = Fraction(0)
    for low, high, percent in LIMITS:
        part = max(0, (total if high is None else min(total, high)) - low)
        out += Fraction(part * percent, 100)
    return out if total >= 0 else Fraction(total * 4, 100)


month, month_total, fund_room, sold = 1, 0, cents("12_000"), {}


def month_end():
    """Tops the month up to 1,500 euros."""
    due = half_even(banded(month_total))
    if due < cents("1_500"):
        deal.time("royalty", cents("1_500") - due)


def sale(day, outlet, gross, refunds=0):
    global month, month_total, fund_room
    while day.month != month:
        month_end()
        month, month_total = month + 1, 0
    net = gross - refunds
    before, month_total = banded(month_total), month_total + net
    royalty = half_even(banded(month_total)) - half_even(before)
    assert net % 50 == 0  # so that 2 percent is whole cents
    fund = min(net * 2 // 100, fund_room) if net > 0 else net * 2 // 100
    fund_room -= fund
    sold[(day.month - 1) // 3] = sold.get((day.month - 1) // 3, 0) + net
    e(str(day), "Sale", accrues={"royalty": royalty, "advertising": fund}, outlet=outlet, gross=money(gross), refunds=money(refunds))


def use(day, by, place, verdict, clause=()):
    e(day, "Use", verdict, clause, by_=by, asset="Recipes", territory=place)


# Net takings of each week: thin in the first quarter, good in the second and fourth, poor in the third.
WEEKS = {0: ("4_310.50", "2_205.00"), 1: ("9_804.50", "8_120.00"), 2: ("1_150.00", "0"), 3: ("31_400.00", "22_050.50")}
extra = {
    date(2025, 2, 3): lambda d: (
        use(d, "Vermeer", "Noord", "permitted", ["territory"]),
        use(d, "CrumbAndKettle", "Noord", "breach", ["territory"]),
        use(d, "CrumbAndKettle", "Delft", "permitted", ["elsewhere"]),
        use(d, "Bakker", "Centrum", "unlicensed", ["territory"]),
    ),
    date(2025, 3, 3): lambda d: e(d, "InsuranceCertificate", "breach", ["insurance"], by_="Vermeer", cover="800000.00"),
    # 80,000 and some in the first quarter: short of the quota, so the second quarter is open to others
    date(2025, 4, 14): lambda d: (
        use(d, "CrumbAndKettle", "Noord", "permitted", ["elsewhere"]),
        e(d, "Grant", "silent", by_="CrumbAndKettle", to="Bakker", asset="TradeName", territory="Centrum", through="2025-06-30"),
    ),
    date(2025, 5, 5): lambda d: e(d, "Open", "breach", ["loyalty"], by_="Vermeer", concept="Bakery", place="DenHaag"),
    date(2025, 5, 12): lambda d: e(d, "Open", "silent", by_="Vermeer", concept="Bakery", place="Delft"),
    # the second quarter met the quota
    date(2025, 7, 14): lambda d: (
        use(d, "CrumbAndKettle", "Noord", "breach", ["territory"]),
        e(d, "Grant", "breach", ["territory"], by_="CrumbAndKettle", to="Bakker", asset="TradeName", territory="Centrum"),
    ),
    date(2025, 9, 1): lambda d: (
        e(d, "TerminationNotice", "without-effect", ["termination"], by_="CrumbAndKettle"),
        e(d, "InsuranceCertificate", by_="Vermeer", cover="1000000.00"),
    ),
    # the third did not
    date(2025, 10, 13): lambda d: use(d, "CrumbAndKettle", "Centrum", "permitted", ["elsewhere"]),
    date(2025, 12, 15): lambda d: e(d, "FundAccounts", "permitted", ["fund-accounts"], by_="CrumbAndKettle"),
}
day = date(2025, 1, 6)
while day <= date(2025, 12, 29):
    if day in extra:
        extra[day](str(day))
    centrum, noord = WEEKS[(day.month - 1) // 3]
    refunds = cents("310.50") if day.isocalendar().week % 5 == 0 else 0
    sale(day, "Centrum", cents(centrum) + refunds, refunds)
    if cents(noord):
        sale(day + timedelta(days=1), "Noord", cents(noord))
    day += timedelta(days=7)
e("2026-01-02", "Open", "silent", by_="Vermeer", concept="Restaurant", place="Centrum")
month_end()
assert sold[0] < cents("90_000") <= sold[1] and sold[2] < cents("90_000") <= sold[3], sold
deal.write()
