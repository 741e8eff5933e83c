"""The forms of whole statements that English and Chinese share: each, every … is, none … is."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import ClassVar

from lemmata.apps.conjecture.formalise import domains
from lemmata.apps.conjecture.formalise.domains import Things
from lemmata.apps.conjecture.formalise.parts import Ambiguous, Names, NotUnderstood, denied
from lemmata.apps.conjecture.language.spec import Spec
from lemmata.apps.conjecture.language.syntax import Compare, Node
from lemmata.errors import BadInput

Form = tuple[str, Callable[..., Spec]]
"""A pattern for the whole text, and what reads its groups."""


class StatementForms(ABC):
    """Reads whole statements; a language gives its forms, nouns, predicates, verbs and claims."""

    DOMAIN_ENDS: ClassVar[str]
    """What may stand between a domain and the claim about it."""
    _names: Names

    def __init__(self, statement: str) -> None:
        self._names = Names()
        self._said = statement

    @abstractmethod
    def _forms(self) -> list[Form]: ...

    @abstractmethod
    def declared(self, text: str) -> list[Things]: ...

    @abstractmethod
    def noun(self, text: str) -> Things: ...

    @abstractmethod
    def predicate(self, subject: Node, text: str) -> Node: ...

    @abstractmethod
    def verb(self, subject: Node, text: str) -> Node: ...

    @abstractmethod
    def claim(self, text: str) -> Node: ...

    def statement(self, text: str) -> Spec:
        """The first form that fits and is understood; else the fault of the first that fits."""
        fault: NotUnderstood | None = None
        unclear: Ambiguous | None = None
        for pattern, read in self._forms():
            match = re.fullmatch(pattern, text, re.I | re.S)
            if match is None:
                continue
            self._names = Names()
            try:
                return read(*match.groups())
            except Ambiguous as error:
                unclear = unclear or error
            except NotUnderstood as error:
                fault = fault or error
            except BadInput as error:
                fault = fault or NotUnderstood(error.cause, error.mend)
        raise unclear or fault or NotUnderstood(f"{text[:80]!r} has no form that is known")

    def _each(self, text: str) -> Spec:
        """`positive integers m, n, claim`: the first comma that fits ends the domain."""
        fault = NotUnderstood(f"{text[:60]!r} is not understood")
        for cut in re.finditer(self.DOMAIN_ENDS, text):
            held = self._names.copy()
            try:
                things = self.declared(text[: cut.start()])
                return domains.spec(things, self.claim(text[cut.end() :]), self._said)
            except NotUnderstood as error:
                fault, self._names = error, held
        raise fault

    def _is(self, noun: str, predicate: str) -> Spec:
        things = self._about(noun)
        return domains.spec([things], self.predicate(things.subject, predicate), self._said)

    def _about(self, noun: str) -> Things:
        """What the statement is about; `itself` is that."""
        things = self.noun(noun)
        if things.value is None and len(things.names) == 1:
            self._names.topic = things.names[0]
        return things

    def _does(self, noun: str, verb: str) -> Spec:
        things = self._about(noun)
        return domains.spec([things], self.verb(things.subject, verb), self._said)

    def _none_is(self, noun: str, predicate: str) -> Spec:
        things = self.noun(noun)
        claim = denied(self.predicate(things.subject, predicate))
        return domains.spec([things], claim, self._said)

    def _none_with(self, domain: str, condition: str) -> Spec:
        things = self.declared(domain)
        return domains.spec(things, denied(self.claim(condition)), self._said)

    def _none(self, noun: str) -> Spec:
        """`There is no odd perfect number`: the last word said of it is what none is."""
        things = self.noun(noun)
        if not things.guards or things.value is not None:
            raise NotUnderstood(f"no {noun!r}: none of what?")
        kinds = [guard for guard in things.guards if not isinstance(guard, Compare)]
        none = (kinds or things.guards)[-1]  # of `even prime greater than 2`, what is prime
        things.guards.remove(none)
        return domains.spec([things], denied(none), self._said)
