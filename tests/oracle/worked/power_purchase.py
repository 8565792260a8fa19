"""Two years of deliveries, an outage, a poor month, a late payment."""

from fractions import Fraction

from common import Deal, cents, half_even, money

deal = Deal("power-purchase", ["delivery", "availability", "energy"])
e = deal.event
PRICE = {2025: Fraction(5000), 2026: Fraction(5200), 2027: Fraction(5175)}  # cents per MWh: 50.00 * index / 100
LAST = {1: 31, 2: 28, 3: 31, 4: 30, 5: 31, 6: 30, 7: 31, 8: 31, 9: 30, 10: 31, 11: 30, 12: 31}
MWH = {2025: "80 75 82.5 90 95 88 84 30 70 85 80 78", 2026: "95 90 40 92 99 97 96 94 93 90 88 91", 2027: "88.25 91"}


def pay(date, amount):
    e(date, "Payment", by_="Northmill", to="Sunfield", amount=money(amount), for_="energy")


owed, credit = 0, 0  # owed: last month's energy; credit: energy paid for in 2025 and not taken
for year, months in MWH.items():
    price, taken = PRICE[year], Fraction(0)
    floor = price * 1000
    for month, energy in enumerate(map(Fraction, months.split()), 1):
        ym = f"{year}-{month:02d}"
        if ym == "2025-08":
            e("2025-08-03", "Outage", cause="Storm")
        if ym == "2025-09":
            e("2025-09-04", "Restored", cause="Grid")
        if month % 3 == 1 and ym != "2025-01":
            good = ym != "2026-04"
            e(
                f"{ym}-02",
                "MeterReport",
                "silent" if good else "breach",
                [] if good else ["availability"],
                {} if good else {"availability": cents("500")},
                by_="Sunfield",
                availability="97.5%" if good else "94.9%",
            )
        if ym == "2025-07":
            # May's 4,750.00, due on 20 June, paid 15 days late: 4,750 * 6 % * 15 / 360 is 11.875, to the even cent 11.88
            pay("2025-07-05", cents("4_750"))
            deal.interest["energy"] = half_even(Fraction(cents("4_750") * 6 * 15, 100 * 360))
        if owed and ym != "2025-06":
            pay(f"{ym}-18", owed if ym != "2025-07" else cents("4_400"))  # June: 88 at 50.00
        if ym == "2026-04":
            e("2026-04-20", "TerminationNotice", "without-effect", ["termination"], by_="Northmill")
        gross = price * energy
        excess = max(Fraction(0), taken + gross - floor) - max(Fraction(0), taken - floor)
        made_up = min(credit, excess)
        credit -= made_up
        taken += gross
        owed = half_even(gross - made_up)
        e(f"{ym}-{LAST[month]}", "Deliver", "permitted", ["delivery"], {"energy": owed}, by_="Sunfield", energy=float(energy))
        if year < 2027 and month == 12 and taken < floor:
            top_up = half_even(floor - taken)
            deal.time("energy", top_up)
            owed, credit = owed + top_up, top_up
# March 2026: 20 of 60 MWh missing at 15.00. August 2025, 30 missing, is excused.
deal.time("delivery", cents("300"))
pay("2027-03-18", owed)
deal.write()
