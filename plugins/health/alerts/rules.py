"""Rules: what an alert is made of. Data, in `configs/alerts/*.toml`; a school's go over it.

A file has `schema = 1`, a `source`, a `date`, and a table `[rules.<id>]` for each rule. A school's
table of the same id changes what it names and leaves the rest as it was.
"""

import datetime as dt
import fnmatch
import math
import re
import tomllib
from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator

SHIPPED: Final = Path(__file__).resolve().parents[3] / "configs" / "alerts"
SCHEMA: Final = 1
MOST_RULES: Final = 200
MOST_FILE: Final = 256 << 10
_ID: Final = re.compile(r"[a-z0-9][a-z0-9-]{0,59}\Z")

Severity = Literal["warning", "fault"]
Text = Annotated[str, Field(max_length=300)]
Pattern = Annotated[str, Field(min_length=1, max_length=100)]


class RulesError(ValueError):
    """A file of rules is wrong; the text says which, where, and what is allowed there."""


class _Rule(BaseModel):
    """What every rule has.

    Attributes:
        enabled: whether it is judged.
        severity: of its alerts; None takes that of the problem itself.
        delay: seconds for which it must be so before anybody is told.
        hold: seconds for which it must be well before the alert clears.
        escalate: minutes after which it is told again, to those who are told then; 0 never.
        urgent: it is told in quiet hours, too.
        cause: rules of the same cause make one alert; empty for a cause of its own.
        lesson: it concerns a lesson: teachers see it, and the class's screen.
        tell: ids of the destinations that are told of it; empty: all.
        title, hint: what is said (message ids, or a school's own words); empty takes the problem's.
            Of series `{value}` stands for the value, `{part}` for what the pattern's `*` is.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    enabled: bool = True
    severity: Severity | None = None
    delay: float = Field(0, ge=0, le=86_400)
    hold: float = Field(0, ge=0, le=86_400)
    escalate: float = Field(0, ge=0, le=10_080)
    urgent: bool = False
    lesson: bool = False
    tell: list[Pattern] = Field([], max_length=20)
    cause: str = Field("", max_length=60)
    title: Text = ""
    hint: Text = ""


class DeviceRule(_Rule):
    """Of how a device is.

    Attributes:
        when: `unreachable`; `fault` or `warning`: the health that it reports.
        kinds, devices: whose; patterns of kinds' names and of devices' ids.
    """

    watch: Literal["device"]
    when: Literal["unreachable", "fault", "warning"]
    kinds: list[Pattern] = Field(["*"], min_length=1, max_length=50)
    devices: list[Pattern] = Field(["*"], min_length=1, max_length=200)

    def concerns(self, device: str, kind: str) -> bool:
        """Tell whether it is about this device."""
        return _fits(device, self.devices) and _fits(kind, self.kinds)


class SeriesRule(_Rule):
    """Of a measured value that is above or below a threshold.

    Attributes:
        subjects: whose: patterns of `computer` or devices' ids. kinds: of those devices.
        series: pattern of the series' name.
        above, below: it is wrong beyond; exactly one of them.
        clear: it is well again only beyond this one, so that it does not waver.
        plausible: least and most that can be true; what is outside is nonsense and not judged.
        within: seconds over which increments are added up; only of what is counted.
        stale: seconds after which a value that is measured no more says nothing: more than what
            lies between two measurements.
    """

    watch: Literal["series"]
    subjects: list[Pattern] = Field(["*"], min_length=1, max_length=200)
    kinds: list[Pattern] = Field(["*"], min_length=1, max_length=50)
    series: Pattern
    above: float | None = None
    below: float | None = None
    clear: float
    plausible: tuple[float, float]
    within: float = Field(0, ge=0, le=86_400)
    stale: float = Field(300, ge=10, le=1_000_000)
    title: Annotated[str, Field(min_length=1, max_length=300)]
    hint: Annotated[str, Field(min_length=1, max_length=300)]
    severity: Severity = "warning"

    @model_validator(mode="after")
    def _makes_sense(self) -> "SeriesRule":
        if (self.above is None) == (self.below is None):
            raise ValueError("either `above` or `below` is wanted, and not both")
        least, most = self.plausible
        if least >= most:
            raise ValueError("`plausible` is [least, most]")
        if self.above is not None and self.clear > self.above:
            raise ValueError("`clear` must not be more than `above`")
        if self.below is not None and self.clear < self.below:
            raise ValueError("`clear` must not be less than `below`")
        return self

    def concerns(self, subject: str, series: str, kind: str = "") -> bool:
        """Tell whether it is about this series."""
        if not fnmatchcase(series, self.series) or not _fits(subject, self.subjects):
            return False
        return self.kinds == ["*"] or _fits(kind, self.kinds)

    @property
    def yes_or_no(self) -> bool:
        """Whether it is measured as 0 or 1: the number says nothing to anybody."""
        return self.plausible == (0, 1)

    def part(self, series: str) -> str:
        """Return what stands for the pattern's first `*`, such as `sda` of `disk.sda.used`."""
        before, star, rest = self.series.partition("*")
        if not star:
            return ""
        end = re.search(fnmatch.translate(rest), series[len(before) :]) if rest else None
        return series[len(before) :][: None if end is None else end.start()]

    def judged(self, value: float, *, over: bool) -> bool | None:
        """Tell whether it is wrong, given whether it was (`over`); None for nonsense."""
        if not math.isfinite(value) or not self.plausible[0] <= value <= self.plausible[1]:
            return None
        if self.above is not None:
            return value > self.clear if over else value > self.above
        return value < self.clear if over else value < (self.below or 0.0)


class HubRule(_Rule):
    """Of what the hub says is wrong with itself (`hub/health`).

    Attributes:
        codes: patterns of the problems' codes.
    """

    watch: Literal["hub"]
    codes: list[Pattern] = Field(["*"], min_length=1, max_length=50)

    def concerns(self, code: str) -> bool:
        """Tell whether it is about this problem."""
        return _fits(code, self.codes)


Rule = DeviceRule | SeriesRule | HubRule
Rules = Mapping[str, Rule]
_RULE: TypeAdapter[Rule] = TypeAdapter(Annotated[Rule, Field(discriminator="watch")])


def load_rules(folders: Iterable[Path], shipped: Path = SHIPPED) -> dict[str, Rule]:
    """Read the shipped rules and, over them, the `*.toml` of a school's folders in their order.

    Raises:
        RulesError: a file cannot be read, or what it says is not allowed.
    """
    return {id_: checked(*one, id_) for id_, one in read_tables(folders, shipped).items()}


def read_tables(
    folders: Iterable[Path], shipped: Path = SHIPPED
) -> dict[str, tuple[Path, dict[str, Any]]]:
    """Return the table of each rule as the files have it, and the file that said it last.

    Raises:
        RulesError: a file cannot be read; what its rules say is not looked at.
    """
    tables: dict[str, tuple[Path, dict[str, Any]]] = {}
    for folder in (shipped, *folders):
        if not folder.is_dir():
            raise RulesError(f"{folder}: there is no such folder")
        for file in sorted(folder.glob("*.toml")):
            for id_, table in _read(file).items():
                before = tables[id_][1] if id_ in tables else {}
                tables[id_] = (file, {**before, **table})
    if len(tables) > MOST_RULES:
        raise RulesError(f"there are {len(tables)} rules; at most {MOST_RULES} are judged")
    return tables


def is_shipped(file: Path) -> bool:
    """Tell whether a file is one of those that came with the hub."""
    return file.parent == SHIPPED


def _read(file: Path) -> dict[str, dict[str, Any]]:
    try:
        if file.stat().st_size > MOST_FILE:
            raise RulesError(f"{file}: has more than {MOST_FILE} bytes")
        given = tomllib.loads(file.read_text("utf-8"))
    except OSError as error:
        raise RulesError(f"{file}: cannot be read: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise RulesError(f"{file}: {error}") from error
    if given.pop("schema", None) != SCHEMA:
        raise RulesError(f"{file}: schema is not {SCHEMA}")
    if not given.pop("source", "") or not isinstance(given.pop("date", None), dt.date):
        raise RulesError(f"{file}: it does not say its source and date")
    rules = given.pop("rules", {})
    if given:
        raise RulesError(f"{file}: {', '.join(sorted(given))}: nothing of this name is known")
    if not isinstance(rules, dict):
        raise RulesError(f"{file}: rules are tables: [rules.<id>]")
    for id_, table in rules.items():
        if not _ID.match(id_) or not isinstance(table, dict):
            raise RulesError(f"{file}: {id_[:80]!r} is no table of a rule")
    return rules


def checked(file: Path, table: Mapping[str, Any], id_: str, *, plain: bool = False) -> Rule:
    """Return the rule that a table says.

    Args:
        file: that the error names.
        table: of the rule.
        id_: of the rule.
        plain: have pydantic's own error instead.

    Raises:
        RulesError, ValidationError: it says what is not allowed.
    """
    try:
        return _RULE.validate_python(dict(table))
    except ValidationError as error:
        if plain:
            raise
        first = error.errors(include_url=False)[0]
        # The first part is which sort of rule it is, unless that is what is wrong.
        where = ".".join(str(part) for part in first["loc"][1:]) or "watch"
        raise RulesError(f"{file}: [rules.{id_}] {where}: {first['msg']}") from None


def _fits(text: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(text, pattern) for pattern in patterns)
