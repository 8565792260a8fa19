"""The verdict on a row, by the text of its day and the state before it (section 3).

Data flow: a history and an event -> verdict, deciding clauses, and the norms that matter to what follows.
Invariant: nothing is written here.
"""

from types import SimpleNamespace

import expr
import grants
import sums


def scope_for(run, event, norm, key=()):
    """The scope of a norm that judges an event."""
    return expr.Scope(run, event.date, len(run.rows), event=event, norm=norm, key=dict(key))


def guarded(run, norm, event, only_if=True):
    """Whether a sentence's conditions hold of an event and no exception applies."""
    scope = scope_for(run, event, norm, run.key_of(norm, event) or ())
    conditions = norm.mods("Where") + (norm.mods("OnlyIf") if only_if else [])
    return all(expr.holds(c, scope) for c in conditions) and not run.excepted(norm, scope)


def precedence_unmet(run, norm, event):
    """`before E2`: no earlier row satisfies it. True where the sentence asks for none."""
    refs = [r for r in norm.mods("Before") if r["event"] in run.deal.events]
    scope = scope_for(run, event, norm)
    return all(not any(True for _ in sums.rows_of(r, (expr.date.min, expr.date.max), scope)) for r in refs)


def rules(run, event):
    """The rules that apply to an event: [(permits, norm)]."""
    day, actor = event.date, event.fields.get("by")
    out = []
    for n in run.norms(day):
        head = n.head[1]
        if n.kind in ("May", "MustNot"):
            if head["event"] != event.kind or not run.in_force(n, day, run.key_of(n, event) or (), event):
                continue
            scope = scope_for(run, event, n, run.key_of(n, event) or ())
            if not run.is_who(head["who"], actor, n, scope) or not guarded(run, n, event, n.kind == "MustNot"):
                continue
            if n.kind == "MustNot":
                if precedence_unmet(run, n, event):
                    out.append((False, n))
            else:
                out.append((all(expr.holds(c, scope) for c in n.mods("OnlyIf")), n))
        elif n.kind == "Grants" and head["event"] == event.kind and run.in_force(n, day):
            if guarded(run, n, event):
                out += [(permits, n) for permits in grants.use_rules(run, n, event, scope_for(run, event, n))]
        elif n.kind == "Power" and power_state(run, n, event) == "with ground":
            out.append((True, n))
    return out


def power_state(run, norm, event):
    """`with ground`, `without`, or None where the event does not exercise the power."""
    ref = norm.mod("ExercisedBy")
    actor = event.fields.get("by")
    scope = scope_for(run, event, norm, run.key_of(norm, event) or ())
    if ref is None or not sums.matches(ref, event, scope):
        return None
    if actor is not None and not run.is_who(norm.head[1]["who"], actor, norm, scope):
        return None
    ground = all(expr.holds(c, scope) for c in norm.mods("When"))
    return "with ground" if ground and run.in_force(norm, event.date, (), event) and guarded(run, norm, event) else "without"


def unmet_keeps(run, event):
    """The maintenance duties that an event shows unmet."""
    out = []
    for n in run.norms(event.date):
        if n.kind != "Keep":
            continue
        key = run.key_of(n, event) or ()
        scope = scope_for(run, event, n, key)
        if run.in_force(n, event.date, key, event) and sums.matches(n.head[1]["on"], event, scope):
            if guarded(run, n, event) and not expr.holds(n.head[1]["condition"], scope):
                out.append(n)
    return out


def gives_way(a, b):
    """Whether rule `a` gives way to rule `b`."""
    if a[0] == b[0]:
        return False
    if a[0] and a[1] is b[1] and a[1].kind == "Grants":
        # Of one license, permission and bar of a use meet only where the actor has granted the use away exclusively.
        return True
    return any(b[1].cid in x for x in a[1].mods("SubjectTo")) or any(a[1].cid in x for x in b[1].mods("Notwithstanding"))


def left_standing(found):
    """The rules that no standing rule drops."""
    over = [{j for j, other in enumerate(found) if gives_way(r, other)} for r in found]
    stands, falls = set(), set()
    while True:
        stands_now = {i for i, o in enumerate(over) if o <= falls}
        falls_now = {i for i, o in enumerate(over) if o & stands_now}
        if (stands_now, falls_now) == (stands, falls):
            # What is neither is in a circle of rules that give way to one another: unranked.
            return [r for i, r in enumerate(found) if i not in falls]
        stands, falls = stands_now, falls_now


def verdict(run, event, performs):
    """Verdict and deciding clauses. `performs`: clauses of obligations that the event performs in time."""
    actor = event.fields.get("by")
    keeps = [n for n in unmet_keeps(run, event) if not run.excused(n.cid, event)]
    out = SimpleNamespace(word="silent", clauses=[], keeps=keeps, broken=[], head=None, norms=[])
    if actor is None:
        if keeps:
            out.word, out.clauses = "breach", [n.cid for n in keeps]
        return out
    found, wrongful = rules(run, event), []
    if event.kind == "Grant":
        more, out.head = grants.grant_rules(run, event, lambda n: scope_for(run, event, n))
        found += more
        wrongful = [n for permits, n in more if not permits]
    found = [r for r in found if r[0] or not run.excused(r[1].cid, event)]
    standing = left_standing(found)
    permits = [n for p, n in standing if p]
    forbids = [n for p, n in standing if not p]
    idle_powers = [n for n in run.norms(event.date) if n.kind == "Power" and power_state(run, n, event) == "without"]
    is_party = actor.name in persons(run)
    # A wrongful grant is a breach, whoever grants: only a licensor or a holder can be barred from it.
    bound = is_party or any(n in wrongful for n in forbids)
    if forbids and not permits and bound:
        out.broken = forbids
    if keeps:
        out.word, out.clauses = "breach", [n.cid for n in keeps + (forbids if not permits else [])]
    elif forbids and permits:
        out.word, out.clauses = "conflict", [n.cid for n in forbids + permits]
    elif forbids:
        out.word, out.clauses = ("breach" if bound else "unlicensed"), [n.cid for n in forbids]
    elif idle_powers and not any(n.kind == "Power" for n in permits):
        out.word, out.clauses = "without-effect", [n.cid for n in idle_powers]
    elif permits:
        out.word, out.clauses = "permitted", [n.cid for n in permits]
    elif performs:
        out.word, out.clauses = "permitted", list(performs)
    elif not run.deal.defaults.get(event.kind, True) and event.date >= run.effective:
        out.word = "breach" if is_party else "unlicensed"
    return out


def persons(run):
    """The parties, and whoever stands in a party's place."""
    return set(run.deal.parties)
