"""Does what a table says: all of it in one transaction, or nothing."""

from sqlalchemy.orm import Session

from hub import audit
from hub.plugin import N_, HubError, PluginHub, Principal
from plugins.inventory.errors import ChangedMeanwhile
from plugins.inventory.items.keeper import READERS, new_row, put, read_items
from plugins.inventory.sheets.table import Plan, plan_of
from plugins.inventory.tables import ItemRow


class TableWrong(HubError):
    """Lines of the table cannot be taken, so none is."""

    code = "table-wrong"
    status = 422
    title = N_("Some lines of this table cannot be taken, so none was.")
    hint = N_("Correct the lines that are named and import the file again.")


async def take_table(hub: PluginHub, data: bytes, digest: str, by: Principal) -> Plan:
    """Take a table in.

    Args:
        hub: where things are kept.
        data: the file.
        digest: of the plan that the person has seen.
        by: who does it.

    Raises:
        ChangedMeanwhile: it would do something else by now.
        TableWrong: lines of it cannot be taken.
        HubError: it is no such table.
    """

    def work(session: Session) -> Plan:
        plan = plan_of(data, read_items(session), hub.say)
        if plan.wrong:
            raise TableWrong(f"line {plan.wrong[0].line}: {plan.wrong[0].said}")
        if plan.digest != digest:
            raise ChangedMeanwhile(f"the plan is {plan.digest}")
        for one in plan.planned:
            if one.item is None:
                row = new_row(session, one.fields)
                audit.record(session, by, "inventory.add", row.id, {"import": True})
                continue
            known = session.get(ItemRow, one.item)
            assert known is not None  # noqa: S101 - read in this transaction
            fields = {"fields": put(known, one.fields), "import": True}
            audit.record(session, by, "inventory.change", one.item, fields)
        return plan

    plan = await hub.store.write(work)
    if plan.planned:
        hub.publish("items/all", {"id": "all", "gone": False}, audience=READERS)
    return plan
