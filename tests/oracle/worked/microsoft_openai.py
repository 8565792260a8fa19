"""The events of the reference deal and what is to come of them. Reported figures: 20 percent both ways, a cap of 38 billion
from 27 April 2026, the amendment in effect on that day."""

from common import Deal, money

B, M = 1_000_000_000_00, 1_000_000_00
AMENDED = "2026-04-27"
AP, OP, AF = ["azure-api"], ["other-products"], ["azure-first"]
OA, AC = ["any-cloud", "other-products"], ["any-cloud"]
deal = Deal("microsoft-openai", ["share-to-openai", "share-to-microsoft"])
room = 38 * B
e = deal.event
m = money


def fifth(amount):
    """20 percent, to the nearest cent; a fifth of a whole number of cents is never a tie."""
    share, rest = divmod(amount, 5)
    return share + (rest >= 3)


def launch(d, product, cloud, v, c=(), api=False, customer="Commercial", un=False, uw=False, need=False):
    e(
        d,
        "Launch",
        v,
        c,
        by_="OpenAI",
        product=product,
        api=api,
        customer=customer,
        cloud=cloud,
        azure_unable=un,
        azure_unwilling=uw,
        needed=need,
    )


def serve(d, product, cloud, v, c=(), api=False, st=False, tp=False, customer="Commercial", need=False):
    e(
        d,
        "Serve",
        v,
        c,
        by_="OpenAI",
        product=product,
        api=api,
        stateless=st,
        third_party_work=tp,
        customer=customer,
        cloud=cloud,
        needed=need,
    )


def host(d, w, cloud, con, v, c=()):
    e(d, "Host", v, c, by_="OpenAI", workload=w, cloud=cloud, contracted=con)


def rev(d, of, amt, ch):
    """Revenue, in cents."""
    global room
    share, acc = fifth(amt), {}
    if of == "OpenAI" and d < AMENDED:
        acc = {"share-to-microsoft": share}
    elif of == "OpenAI" and d <= "2030-12-31":
        # Amounts after the amendment are whole fifths, so that the cap is met to the cent.
        assert amt % 5 == 0, (d, amt)
        taken = min(share, room)
        room -= taken
        acc = {"share-to-microsoft": taken}
    elif ch in ("Bing", "AzureOpenAi") and d < AMENDED:
        acc = {"share-to-openai": share}
    e(d, "Revenue", "silent", (), acc, of=of, amount=m(amt), channel=ch)


# 2025
launch("2025-11-05", "Sketch", "Azure", "permitted", OP, customer="Consumer")
launch("2025-11-06", "Sketch", "GoogleCloud", "permitted", OP, customer="Consumer")
host("2025-11-10", "Training", "CoreWeave", "2025-03-10", "silent")
host("2025-11-17", "Training", "CoreWeave", "2024-06-01", "breach", ["azure-capacity"])
host("2025-11-18", "Inference", "Azure", "2023-05-01", "silent")
serve("2025-11-20", "Quill API", "Azure", "silent", api=True)
serve("2025-12-01", "Quill API", "AWS", "silent", api=True, customer="NationalSecurity", need=True)
serve("2025-12-02", "Quill API", "AWS", "breach", AP, api=True, need=True)
serve("2025-12-03", "Sketch", "Oracle", "permitted", OP, customer="Consumer")
e("2025-12-10", "Use", "permitted", ["ip-license"], by_="Microsoft", asset="ReleasedModels")
e("2025-12-10", "Use", "permitted", ["research-license"], by_="Microsoft", asset="Methods")
e("2025-12-11", "Use", "unlicensed", ["ip-license"], by_="Northgate", asset="Weights")
e("2025-12-15", "Purchase", "permitted", ["azure-purchase"], by_="OpenAI", cloud="Azure", amount=m(6 * B))
rev("2025-12-31", "OpenAI", 3_412_500_000_37, "Subscriptions")
rev("2025-12-31", "OpenAI", 1_021_250_000_00, "ApiSales")
rev("2025-12-31", "Microsoft", 214_700_000_13, "Bing")
rev("2025-12-31", "Microsoft", 655_300_000_86, "AzureOpenAi")
rev("2025-12-31", "Microsoft", 77_000_000_00, "OtherMicrosoftSales")
# 2026 before the statement
e("2026-01-15", "Release", "permitted", ["open-weights"], by_="OpenAI", model="Pebble", meets_criteria=True)
e("2026-01-16", "Release", "breach", ["open-weights"], by_="OpenAI", model="Boulder", meets_criteria=False)
e("2026-01-20", "Develop", "permitted", ["own-work"], by_="Microsoft", agi=True, uses_openai_ip=False, over_threshold=True)
e("2026-01-21", "Develop", "permitted", ["own-work"], by_="OpenAI", agi=False, uses_openai_ip=True, over_threshold=False)
host("2026-02-02", "ResearchComputing", "Oracle", "2025-09-12", "silent")
launch("2026-02-10", "Relay API", "AWS", "breach", AP, api=True)
serve("2026-02-20", "Relay", "AWS", "breach", AP, api=True, st=True, tp=True)
# after the statement
e("2026-03-01", "Grant", "breach", ["ip-license"], by_="OpenAI", to="Northgate", asset="Models")
serve("2026-03-15", "Relay", "AWS", "breach", ["azure-api", "stateless-api"], api=True, st=True, tp=True)
serve("2026-03-16", "Relay", "Azure", "silent", api=True, st=True, tp=True)
serve("2026-03-17", "Relay", "AWS", "silent", api=True, st=True, tp=True, customer="NationalSecurity", need=True)
rev("2026-03-31", "OpenAI", 3_977_120_000_04, "Subscriptions")
rev("2026-03-31", "OpenAI", 1_240_000_000_00, "ApiSales")
rev("2026-03-31", "OpenAI", 88_000_000_00, "OtherCloudSales")
rev("2026-03-31", "Microsoft", 221_900_000_41, "Bing")
rev("2026-03-31", "Microsoft", 701_000_000_00, "AzureOpenAi")
host("2026-04-02", "Training", "CoreWeave", "2024-06-01", "breach", ["azure-capacity"])
launch("2026-04-20", "Quill", "Azure", "permitted", OP, customer="Consumer")
rev("2026-04-26", "OpenAI", 1_004_000_000_00, "Subscriptions")
rev("2026-04-26", "Microsoft", 61_300_000_09, "Bing")
# the amendment
rev("2026-04-27", "OpenAI", 15_000_000_00, "Subscriptions")
rev("2026-04-27", "Microsoft", 2_000_000_00, "Bing")
serve("2026-04-28", "Relay", "AWS", "conflict", ["azure-api", "stateless-api", "any-cloud"], api=True, st=True, tp=True, need=True)
serve("2026-04-29", "Quill API", "GoogleCloud", "conflict", ["azure-api", "any-cloud"], api=True, need=True)
serve("2026-04-30", "Quill API", "Azure", "permitted", AC, api=True)
e("2026-05-01", "Grant", "silent", (), by_="OpenAI", to="Northgate", asset="Models")
launch("2026-05-04", "Quill", "GoogleCloud", "permitted", OA, customer="Consumer", need=True)
host("2026-05-04", "Training", "CoreWeave", "2024-06-01", "permitted", ["hosting-choice"])
host("2026-05-05", "Inference", "AWS", "2026-05-01", "permitted", ["hosting-choice"])
serve("2026-05-12", "Sketch", "Oracle", "permitted", OA, customer="Consumer", need=True)
launch("2026-06-01", "Atlas 2", "AWS", "breach", AF, need=True)
launch("2026-06-15", "Atlas 2", "Azure", "permitted", OA)
launch("2026-06-16", "Atlas 2", "AWS", "permitted", OA, need=True)
rev("2026-06-30", "OpenAI", 4_655_000_000_55, "Subscriptions")
rev("2026-06-30", "OpenAI", 1_502_000_000_00, "ApiSales")
rev("2026-06-30", "OpenAI", 310_000_000_05, "OtherCloudSales")
rev("2026-06-30", "Microsoft", 230_000_000_00, "AzureOpenAi")
launch("2026-07-08", "Atlas Vision", "AWS", "permitted", OA, un=True, uw=True, need=True)
launch("2026-07-09", "Atlas Sound", "AWS", "undetermined", None, uw=True, need=True)  # the readings differ
launch("2026-07-10", "Atlas Touch", "Oracle", "undetermined", None, un=True, need=True)
launch("2026-07-20", "Relay API 2", "AWS", "breach", ["azure-api", "azure-first"], api=True, need=True)
launch("2026-07-21", "Relay API 2", "Azure", "permitted", AC, api=True)
launch("2026-07-22", "Relay API 2", "AWS", "conflict", ["azure-api", "any-cloud"], api=True, need=True)
launch("2026-07-23", "Relay API 2", "AWS", "permitted", AC, api=True, customer="NationalSecurity", need=True)
e("2026-08-01", "Use", "permitted", ["retained"], by_="OpenAI", asset="Products")
e("2026-08-03", "Use", "breach", (), by_="Microsoft", asset="ConsumerHardware")
rev("2026-09-30", "OpenAI", 5_120_400_000_00, "Subscriptions")
rev("2026-09-30", "OpenAI", 1_790_000_000_05, "ApiSales")
e("2026-12-15", "Purchase", "permitted", ["azure-purchase"], by_="OpenAI", cloud="Azure", amount=m(22 * B))
e("2026-12-16", "Purchase", "silent", (), by_="OpenAI", cloud="AWS", amount=m(4 * B))
rev("2026-12-31", "OpenAI", 5_733_000_000_00, "Subscriptions")
rev("2026-12-31", "OpenAI", 2_003_100_000_00, "ApiSales")
# 2027
for q, s, a, o in (
    ("2027-03-31", 6_410_000_000_00, 2_310_000_000_10, 420_000_000_00),
    ("2027-06-30", 7_250_500_000_40, 2_655_000_000_00, 515_000_000_00),
    ("2027-09-30", 8_300_000_000_00, 3_004_000_000_05, 610_250_000_00),
    ("2027-12-31", 9_480_000_000_00, 3_400_000_000_00, 702_000_000_05),
):
    rev(q, "OpenAI", s, "Subscriptions")
    rev(q, "OpenAI", a, "ApiSales")
    rev(q, "OpenAI", o, "OtherCloudSales")
    if q == "2027-06-30":
        launch("2027-07-01", "Ledger", "CoreWeave", "breach", AF, need=True)
        launch("2027-07-05", "Ledger", "Azure", "permitted", OA)
        launch("2027-07-05", "Ledger", "CoreWeave", "permitted", OA, need=True)
    if q == "2027-09-30":
        e("2027-12-15", "Purchase", "permitted", ["azure-purchase"], by_="OpenAI", cloud="Azure", amount=m(31 * B))
# 2028: the milestone
e("2028-01-10", "MilestoneDeclared", "silent", (), by_="OpenAI")
e("2028-02-01", "Use", "permitted", ["research-license"], by_="Microsoft", asset="InternalModels")
e("2028-03-15", "MilestoneVerified", "silent", (), panel="the expert panel")
e("2028-03-16", "Use", "breach", (), by_="Microsoft", asset="InternalModels")
e("2028-03-16", "Use", "permitted", ["ip-license"], by_="Microsoft", asset="Weights")
e("2028-03-20", "Use", "permitted", ["ip-license"], by_="Microsoft", asset="PostAgiModels")
serve("2028-03-21", "Relay", "AWS", "permitted", AC, api=True, st=True, tp=True, need=True)
for q, s, a in (
    ("2028-03-31", 11_200_000_000_00, 4_150_000_000_00),
    ("2028-06-30", 12_900_000_000_15, 4_800_000_000_00),
    ("2028-09-30", 14_600_000_000_00, 5_500_000_000_00),
    ("2028-12-31", 16_400_000_000_00, 6_200_000_000_35),
):
    rev(q, "OpenAI", s, "Subscriptions")
    rev(q, "OpenAI", a, "ApiSales")
e("2028-12-31", "Purchase", "permitted", ["azure-purchase"], by_="OpenAI", cloud="Azure", amount=m(45 * B))
for q, s, a in (
    ("2029-03-31", 18_300_000_000_00, 7_000_000_000_00),
    ("2029-06-30", 20_100_000_000_95, 7_700_000_000_00),
    ("2029-09-30", 22_000_000_000_00, 8_500_000_000_00),
    ("2029-12-31", 24_400_000_000_00, 9_300_000_000_00),
):
    rev(q, "OpenAI", s, "Subscriptions")
    rev(q, "OpenAI", a, "ApiSales")
e("2029-12-31", "Purchase", "permitted", ["azure-purchase"], by_="OpenAI", cloud="Azure", amount=m(146 * B))
for q, s in (("2030-06-30", 55_000_000_000_00), ("2030-12-31", 61_000_000_000_00)):
    rev(q, "OpenAI", s, "Subscriptions")
e("2030-12-31", "Use", "breach", (), by_="Microsoft", asset="Methods")
rev("2031-01-01", "OpenAI", 90_000_000_00, "Subscriptions")
e("2031-01-15", "Use", "permitted", ["ip-license"], by_="Microsoft", asset="Products")
launch("2031-02-01", "Atlas 9", "AWS", "breach", AF, need=True)

deal.write()
