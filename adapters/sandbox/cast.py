"""List the demo's people: nine at each company, one of them its lead, and a visitor of an undeclared company."""

from dataclasses import dataclass
from typing import Literal

from bot.model.alliance import Member

PLATFORM = "sandbox"
WORKSPACE = "sandbox"

Badge = Literal["Sponsor", "CRO", "Visitor"]


@dataclass(frozen=True, slots=True)
class Company:
    """Hold a company; `id` is the organisation's sandbox id in an alliance file."""

    id: str
    name: str
    badge: Badge


@dataclass(frozen=True, slots=True)
class Person:
    id: str
    name: str
    role: str
    company: Company
    lead: bool = False

    @property
    def initials(self) -> str:
        return "".join(part[0] for part in self.name.split())

    @property
    def member(self) -> Member:
        return Member(PLATFORM, self.id, (self.company.id,), WORKSPACE)


SPONSOR = Company("northwind", "Northwind Pharma", "Sponsor")
CRO = Company("meridian", "Meridian CRO", "CRO")
ELSEWHERE = Company("fjordlab", "Fjord Laboratories", "Visitor")

PEOPLE = (
    Person("anna", "Anna Keller", "Alliance manager", SPONSOR, lead=True),
    Person("carla", "Carla Rossi", "Clinical operations lead", SPONSOR),
    Person("daniel", "Daniel Weiss", "Study physician", SPONSOR),
    Person("elif", "Elif Demir", "Data management lead", SPONSOR),
    Person("farah", "Farah Nasser", "Biostatistician", SPONSOR),
    Person("george", "George Papas", "Regulatory affairs manager", SPONSOR),
    Person("hanna", "Hanna Virtanen", "Clinical supply manager", SPONSOR),
    Person("ines", "Inês Carvalho", "Quality assurance manager", SPONSOR),
    Person("jonas", "Jonas Lind", "Outsourcing manager", SPONSOR),
    Person("ben", "Ben Okafor", "Relationship director", CRO, lead=True),
    Person("kira", "Kira Novak", "Project manager", CRO),
    Person("liam", "Liam Byrne", "Clinical research associate", CRO),
    Person("mei", "Mei Tanaka", "Clinical research associate", CRO),
    Person("noor", "Noor Haddad", "Site activation lead", CRO),
    Person("oscar", "Oscar Alvarez", "Data manager", CRO),
    Person("priya", "Priya Raman", "Statistical programmer", CRO),
    Person("quinn", "Quinn Taylor", "Medical monitor", CRO),
    Person("rosa", "Rosa Jansen", "Contracts and budgets lead", CRO),
    Person("sam", "Sam Fischer", "Central laboratory contact", ELSEWHERE),
)

_BY_ID = {person.id: person for person in PEOPLE}


def find_person(person_id: str) -> Person | None:
    return _BY_ID.get(person_id)
