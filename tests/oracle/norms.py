"""Norms: the sentences of a version, each with the clause that holds it and, for a reparation, what it repairs."""

from dataclasses import dataclass
from typing import Any, Optional

from tree import first, variant


@dataclass
class Norm:
    """One sentence."""

    clause: Any  # the VersionClause
    part: int
    depth: int  # 0 for a sentence of the clause, 1 for its reparation, 2 for the reparation's own
    statement: Any
    repairs: Optional["Norm"] = None

    @property
    def id(self):
        return self.clause.id, self.part, self.depth

    @property
    def cid(self):
        return self.clause.id

    @property
    def head(self):
        """Kind and payload of the sentence."""
        return variant(self.statement["head"])

    @property
    def kind(self):
        return self.head[0]

    @property
    def key_fields(self):
        key = self.clause.parts["key"]
        return key["fields"] if key else []

    @property
    def table(self):
        key = self.clause.parts["key"]
        return key["table"] if key else None

    @property
    def months(self):
        return first(self.statement, "MonthRounding")

    def mod(self, name):
        """The first modifier of a name, or None."""
        return first(self.statement, name)

    def mods(self, name):
        """Every modifier of a name, in order."""
        return [variant(m)[1] for m in self.statement["modifiers"] if variant(m)[0] == name]

    def has(self, name):
        return any(variant(m)[0] == name for m in self.statement["modifiers"])

    @property
    def reparation(self):
        inner = self.mod("Otherwise")
        return None if inner is None else Norm(self.clause, self.part, self.depth + 1, inner, self)

    @property
    def is_payment(self):
        return self.kind == "Pays"

    @property
    def is_duty(self):
        return self.kind == "Must"


def norms_of(version, readings):
    """The sentences of a version in document order, by the chosen readings (the first of a clause otherwise)."""
    out = []
    for clause in version.clauses:
        part = 0
        offered = [variant(line)[1]["name"] for line in clause.parts["body"] if variant(line)[0] == "Reading"]
        chosen = readings.get(clause.id, offered[0] if offered else None)
        if offered and chosen not in offered:
            chosen = offered[0]
        for line in clause.parts["body"]:
            kind, x = variant(line)
            if kind == "Statement":
                sentences = [x]
            elif kind == "Reading" and x["name"] == chosen:
                sentences = x["statements"]
            else:
                continue
            for s in sentences:
                out.append(Norm(clause, part, 0, s))
                part += 1
    return out
