"""From lines to the register of tasks, units, goals and mechanism."""

from knowledge.plan.model import Mechanism, Plan, Repair, Span, Task
from knowledge.plan.parse import load_plan, parse_plan

__all__ = ["Mechanism", "Plan", "Repair", "Span", "Task", "load_plan", "parse_plan"]
