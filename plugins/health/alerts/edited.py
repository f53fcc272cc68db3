"""What an engineer sets on the page of alerts: rules that were changed or made there, quiet hours.

A rule is its table in the files (shipped, and over it the school's) with what was changed on the
page over that. Only what was changed is kept, so that a newer version's better texts and limits
come through wherever nobody chose others.
"""

import json
import logging
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Literal

from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from hub.audit import record
from hub.ids import new_id
from hub.plugin import N_, HubError, Principal, Store
from plugins.health.alerts.rules import MOST_RULES, Rule, Rules, checked, is_shipped, read_tables
from plugins.health.alerts.settings import QuietHours
from plugins.health.alerts.tables import SettingRow

log = logging.getLogger("classhub.plugins.health")

Origin = Literal["shipped", "file", "page"]
_RULE, _QUIET = "rule:", "quiet"


class NoSuchRule(HubError):
    """No rule has this id."""

    code = "unknown-alert-rule"
    status = 404
    title = N_("There is no such rule.")
    hint = N_("Look at the list of rules again.")


class BadRule(HubError):
    """What was given makes no rule."""

    code = "bad-alert-rule"
    status = 422
    title = N_("This rule cannot be.")
    hint = N_(
        "Look at the limits: where it is well again must lie on the good side of where it is wrong."
    )


class NothingToReset(HubError):
    """The rule is as it was shipped."""

    code = "alert-rule-unchanged"
    status = 409
    title = N_("This rule was not changed here.")
    hint = N_("It is as it was shipped, or as the school's own file has it.")


class TooManyRules(HubError):
    """There are as many rules as are judged."""

    code = "too-many-alert-rules"
    status = 409
    title = N_("There are too many rules already.")
    hint = N_("Delete a rule of your own that is no longer needed.")


class Edited:
    """The rules and the quiet hours as they are in force.

    Args:
        store: where what was set on the page is kept.
        folders: the school's files of rules.
        quiet: the quiet hours of the settings file.

    Raises:
        RulesError: a file is wrong.
    """

    def __init__(self, store: Store, folders: Iterable[Path], quiet: QuietHours | None) -> None:
        self._store = store
        self._files = read_tables(folders)
        self._of_files: Rules = {id_: checked(*one, id_) for id_, one in self._files.items()}
        self._changes: dict[str, dict[str, Any]] = {}
        self._set_quiet = quiet
        self._quiet_here: tuple[QuietHours | None] | None = None
        self.rules: Rules = dict(self._of_files)

    async def start(self) -> None:
        """Read what was set on the page. What a newer version refuses is left out and logged."""

        def work(session: Session) -> dict[str, Any]:
            return {row.name: json.loads(row.data) for row in session.scalars(select(SettingRow))}

        for name, data in (await self._store.read(work)).items():
            if name == _QUIET:
                self._quiet_here = (None if data is None else QuietHours.model_validate(data),)
            elif name.startswith(_RULE):
                self._changes[name.removeprefix(_RULE)] = data
        for id_ in list(self._changes):
            try:
                self._made(id_, self._changes[id_])
            except BadRule as error:
                log.warning("the rule %s is as shipped: what was set here: %s", id_, error)
                del self._changes[id_]
        self._renew()

    @property
    def quiet(self) -> QuietHours | None:
        """The hours in which only what is urgent is told."""
        return self._set_quiet if self._quiet_here is None else self._quiet_here[0]

    @property
    def quiet_changed(self) -> bool:
        """Whether they were set on the page."""
        return self._quiet_here is not None

    def origin(self, id_: str) -> Origin:
        """Return where a rule comes from."""
        if id_ not in self._files:
            return "page"
        return "shipped" if is_shipped(self._files[id_][0]) else "file"

    def changed(self, id_: str) -> list[str]:
        """Return which fields of a rule of the files were changed on the page."""
        return sorted(self._changes.get(id_, ())) if id_ in self._files else []

    def get(self, id_: str) -> Rule:
        """Return a rule. Raises `NoSuchRule`."""
        rule = self.rules.get(id_)
        if rule is None:
            raise NoSuchRule(id_)
        return rule

    async def change(self, id_: str, given: Mapping[str, Any], by: Principal) -> None:
        """Change a rule; what is left out stays.

        Raises:
            NoSuchRule, BadRule: it cannot be changed so.
        """
        self.get(id_)
        changes = {**self._changes.get(id_, {}), **given}
        self._made(id_, changes)
        if id_ in self._files:
            # What is as in the files is no change: it follows them again.
            before = self._of_files[id_].model_dump(mode="json")
            after = self._made(id_, changes).model_dump(mode="json")
            changes = {name: changes[name] for name in changes if after[name] != before[name]}
        await self._keep(id_, changes, by, "health.rule.change")

    async def add(self, given: Mapping[str, Any], by: Principal) -> str:
        """Make a rule; return its id.

        Raises:
            BadRule: it is none.
            TooManyRules: there are as many as can be.
        """
        if len(self.rules) >= MOST_RULES:
            raise TooManyRules(f"{MOST_RULES} at most")
        id_ = f"page-{new_id().lower()}"
        self._made(id_, given)
        await self._keep(id_, dict(given), by, "health.rule.add")
        return id_

    async def reset(self, id_: str, by: Principal) -> None:
        """Make a rule as its file has it; one that was made on the page is deleted.

        Raises:
            NoSuchRule: there is none.
            NothingToReset: it was not changed.
        """
        self.get(id_)
        if id_ not in self._changes:
            raise NothingToReset(id_)
        action = "health.rule.reset" if id_ in self._files else "health.rule.remove"
        await self._keep(id_, None, by, action)

    async def set_quiet(self, hours: QuietHours | None, by: Principal) -> None:
        """Set the quiet hours; None: there are none."""
        data = None if hours is None else hours.model_dump(mode="json")
        await self._write(_QUIET, json.dumps(data), by, "health.quiet.change", _QUIET)
        self._quiet_here = (hours,)

    async def reset_quiet(self, by: Principal) -> None:
        """Have the quiet hours of the settings file again."""
        await self._write(_QUIET, None, by, "health.quiet.change", _QUIET)
        self._quiet_here = None

    async def _keep(
        self, id_: str, changes: dict[str, Any] | None, by: Principal, action: str
    ) -> None:
        data = json.dumps(changes) if changes else None
        await self._write(f"{_RULE}{id_}", data, by, action, id_)
        if changes:
            self._changes[id_] = changes
        else:
            self._changes.pop(id_, None)
        self._renew()

    async def _write(
        self, name: str, data: str | None, by: Principal, action: str, about: str
    ) -> None:
        def work(session: Session) -> None:
            if data is not None:
                session.merge(SettingRow(name=name, data=data))
            elif (row := session.get(SettingRow, name)) is not None:
                session.delete(row)
            record(session, by, action, about)

        await self._store.write(work)

    def _renew(self) -> None:
        changed = {id_: self._made(id_, one) for id_, one in self._changes.items()}
        self.rules = {**self._of_files, **changed}

    def _made(self, id_: str, changes: Mapping[str, Any]) -> Rule:
        base = self._files[id_][1] if id_ in self._files else {}
        try:
            # Through JSON: a list that stands for a tuple is one, as in the files.
            return checked(Path("page"), {**base, **changes}, id_, plain=True)
        except ValidationError as error:
            first = error.errors(include_url=False, include_input=False)[0]
            where = ".".join(str(part) for part in first["loc"][1:])
            raise BadRule(f"{where}: {first['msg']}" if where else str(first["msg"])) from None
