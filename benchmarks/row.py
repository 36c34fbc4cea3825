"""One figure of a benchmark beside its budget."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Row:
    """``budget`` is the most that is allowed, or the least where more is better (x real time)."""

    what: str
    value: float
    unit: str
    budget: float | None = None
    note: str = ""

    @property
    def within(self) -> bool | None:
        """Whether the budget is kept; None without one."""
        if self.budget is None:
            return None
        return (
            self.value >= self.budget if "x real time" in self.unit else self.value <= self.budget
        )

    def line(self) -> str:
        """Return the row of a Markdown table."""
        budget = "-"
        if self.budget is not None:
            sign = ">=" if "x real time" in self.unit else "<="
            budget = f"{sign} {self.budget:g}{'' if self.within else ' (missed)'}"
        return f"| {self.what} | {self.value:.3g} {self.unit} | {budget} | {self.note} |"
