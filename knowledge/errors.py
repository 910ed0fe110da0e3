"""Errors of the knowledge package.

    KnowledgeError
    ├── PlanError            a plan file cannot become a register
    │   ├── UnreadablePlan   missing, wrong format, not text
    │   └── NotAPlan         readable, but without tasks or mechanism
    ├── DataError            phrasebook, units, duties or question set is broken
    └── ModelError           an embedding or the fitted decision cannot be used
        └── FingerprintMismatch   thresholds were fitted for another model or other data

``str(error)`` is one English line for the command line; the chat never shows it.
"""

from __future__ import annotations


class KnowledgeError(Exception):
    """Base of everything this package raises on purpose."""


class PlanError(KnowledgeError):
    """A plan file cannot become a register."""


class UnreadablePlan(PlanError):
    """The file is missing, of an unknown format, or not text."""


class NotAPlan(PlanError):
    """The text was read but holds no tasks."""


class DataError(KnowledgeError):
    """A data file (phrasebook, units, duties, question set) is broken."""


class ModelError(KnowledgeError):
    """An embedding or the fitted decision cannot be used."""


class FingerprintMismatch(ModelError):
    """The stored thresholds were fitted for another model or other data."""
