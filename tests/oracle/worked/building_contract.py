"""The works from the first certificate to the last defect."""

from fractions import Fraction

from common import Deal, cents, half_even, money

deal = Deal("building-contract", ["completion", "progress", "retainage", "defects"])
e = deal.event
PRICE = cents("4_800_000")
SHARE = {"Groundwork": 20, "Frame": 35, "Roof": 15, "Interior": 30}


def certify(date, stage):
    e(date, "Certificate", accrues={"progress": PRICE * SHARE[stage] // 100 * 9 // 10}, stage=stage)


def pay(date, amount, clause):
    e(date, "Payment", by_="Harborview", to="Keystone", amount=money(cents(amount)), for_=clause)


certify("2026-03-02", "Groundwork")  # 864,000, due on 1 April
e("2026-03-16", "StopWork", "without-effect", ["stop-for-nonpayment"], by_="Keystone")  # nothing is overdue
pay("2026-03-27", "864_000", "progress")
certify("2026-05-15", "Frame")  # 1,512,000, due on 14 June and not paid then
e("2026-06-24", "StopWork", "permitted", ["stop-for-nonpayment"], by_="Keystone")
pay("2026-07-04", "1_512_000", "progress")  # 20 days late
deal.interest["progress"] = half_even(Fraction(cents("1_512_000") * 8 * 20, 100 * 365))
deal.interest["retainage"] = 0
e("2026-07-06", "ResumeWork", "permitted", ["stop-for-nonpayment"], by_="Keystone")  # 12 days stood still: 12 October
e("2026-08-03", "StopOrder", by_="Harborview", lost="10 days")  # 22 October
e("2026-08-10", "StopOrder", by_="Keystone", lost="60 days")  # the builder's own stop moves nothing
certify("2026-08-20", "Roof")  # 648,000
e("2026-09-01", "TerminationNotice", "without-effect", ["termination"], by_="Harborview")
pay("2026-09-10", "648_000", "progress")
# 23 to 30 October: 8 days begun at 4,000
e("2026-10-30", "Complete", accrues={"completion": 8 * cents("4_000")}, by_="Keystone")
certify("2026-11-06", "Interior")  # 1,296,000, due on 6 December
e("2026-11-20", "FinalAcceptance", accrues={"retainage": PRICE // 10}, by_="Harborview")  # 480,000, due on 4 December
e("2026-12-01", "DefectNotified", defect="door 12")
pay("2026-12-01", "1_296_000", "progress")
e("2026-12-02", "DefectNotified", defect="window 3")
pay("2026-12-04", "480_000", "retainage")
e("2026-12-15", "Repair", "permitted", ["defects"], by_="Keystone", defect="door 12")
deal.time("defects", cents("1_500"))  # window 3, due on 23 December
e("2027-01-05", "Repair", by_="Keystone", defect="window 3")
deal.write()
