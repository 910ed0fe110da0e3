"""Unit names: canonical spelling, the plan's other spellings, what people call them, and finding them in a question."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

from knowledge.errors import DataError

Kind = Literal["member", "mentioned", "council"]
KINDS: tuple[Kind, ...] = ("member", "mentioned", "council")
# Short forms that are also everyday words count as a unit only before one of these.
_ACTS = "(?:所?上(?:的|头)?)?那个?局|上的|那个?局|那个部门|那帮|口子|几|一共|总共|那|牵|的|要|有|负责|牵头|承担|管|做|干|在|被|也|是|和|跟|与|还|都|该|能|这边|那边|那块|这块|归|参与|配合|吗|吧|呢|啊|呀"
ROUNDABOUT_ENDS = ("那个局", "那个单位", "那个部门", "那家", "局", "单位", "部门")
_AFTER_SHORT = re.compile(rf"(?:{_ACTS}|[？?，,。！!、\s]|$)")


@dataclass(frozen=True, kw_only=True)
class Unit:
    """A unit the plan names; ``spellings`` are the plan's other names for it, ``aliases`` people's."""

    name: str
    kind: Kind = "member"
    spellings: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    delivers_to: str | None = None
    roundabout: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Every name to find it by; ``roundabout`` are descriptions said before 「的那个局」."""
        told = (f"{what}的{end}" for what in self.roundabout for end in ROUNDABOUT_ENDS)
        return (*self.printed, *self.aliases, *told)

    @property
    def printed(self) -> tuple[str, ...]:
        """Every spelling the plan may print, canonical first."""
        return (self.name, *self.spellings)


@dataclass(frozen=True, kw_only=True)
class Mention:
    """A unit found in a question at [start, end); ``unit`` is None for a bureau the plan does not name."""

    start: int
    end: int
    said: str
    unit: Unit | None


class UnitDirectory:
    """Looks units up by any of their names. Raises DataError if two units claim one name."""

    def __init__(self, units: Iterable[Unit], outside: Iterable[str] = ()) -> None:
        self.units = tuple(units)
        self.outside = tuple(outside)
        self._by_name: dict[str, Unit] = {}
        for unit in self.units:
            for name in unit.names:
                if self._by_name.setdefault(name, unit) is not unit:
                    raise DataError(f"units: {name!r} names both {self._by_name[name].name} and {unit.name}")

    @classmethod
    def load(cls, path: Path) -> UnitDirectory:
        """Read ``units.toml``. Raises DataError with the file's name and the fault."""
        try:
            raw = tomllib.loads(path.read_text(encoding="utf-8"))
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise DataError(f"{path}: {error}") from error
        return cls((_unit(path, row) for row in raw.get("unit", [])), raw.get("outside", {}).get("names", ()))

    def get(self, name: str) -> Unit | None:
        """The unit of that name, spelling or alias, or None."""
        return self._by_name.get(name.strip())

    def canonical(self, name: str) -> str:
        """The canonical name, or the name itself when it is unknown."""
        unit = self.get(name)
        return unit.name if unit else name

    def find(self, text: str) -> tuple[Mention, ...]:
        """Every unit mentioned in ``text``, longest name first at each place, in order of appearance."""
        found = []
        for match in self._pattern.finditer(text):
            said = match.group(0)
            known = self._by_name.get(said)
            if self._is_short(said) and not _AFTER_SHORT.match(text, match.end()):
                continue
            found.append(Mention(start=match.start(), end=match.end(), said=said, unit=known))
        return tuple(found)

    def mask(self, text: str, by: str = "某局") -> str:
        """Replace every mention by one placeholder, so that a name does not weigh as a topic."""
        return self.mask_mentions(text, self.find(text), by)

    @staticmethod
    def mask_mentions(text: str, mentions: Iterable[Mention], by: str) -> str:
        """The same for mentions already found in ``text``."""
        parts, at = [], 0
        for mention in mentions:
            parts += [text[at : mention.start], by]
            at = mention.end
        return "".join(parts) + text[at:]

    @cached_property
    def _pattern(self) -> re.Pattern[str]:
        names: Mapping[str, None] = dict.fromkeys([*self._by_name, *self.outside])
        longest_first = sorted(names, key=len, reverse=True)
        if not longest_first:
            return re.compile(r"(?!)")
        # The set of first characters lets the scan skip most places without trying every name.
        first = "".join(sorted({re.escape(name[0]) for name in longest_first}))
        return re.compile(f"(?=[{first}])(?:" + "|".join(re.escape(name) for name in longest_first) + ")")

    @staticmethod
    def _is_short(said: str) -> bool:
        return not re.search(r"(?:局|委|办|院|部|队|社|科|中心|机关|部门|小组|会议|公司)$", said)


def _unit(path: Path, row: Mapping[str, object]) -> Unit:
    unknown = set(row) - {"name", "kind", "spellings", "aliases", "delivers_to", "roundabout"}
    name, kind = row.get("name"), row.get("kind", "member")
    if unknown or not isinstance(name, str) or kind not in KINDS:
        raise DataError(f"{path}: unit {name!r}: unknown key or kind {sorted(unknown) or kind}")
    delivers_to = row.get("delivers_to")
    return Unit(
        name=name,
        kind=kind,
        spellings=_strings(path, name, row.get("spellings", [])),
        aliases=_strings(path, name, row.get("aliases", [])),
        delivers_to=str(delivers_to) if delivers_to else None,
        roundabout=_strings(path, name, row.get("roundabout", [])),
    )


def _strings(path: Path, name: str, value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
        raise DataError(f"{path}: unit {name!r}: names must be a list of non-empty strings")
    return tuple(value)
