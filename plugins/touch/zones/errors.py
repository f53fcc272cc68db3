"""Why a table cannot be divided so."""

from hub.errors import N_, Conflict, Invalid


class ZonesChanged(Conflict):
    """Somebody else divided the table meanwhile."""

    code = "zones-changed"
    title = N_("Somebody else has just divided this table.")
    hint = N_("Look at it as it is now, and divide it again if you still want to.")


class BadZones(Invalid):
    """Own zones overlap, lie outside of the table, or are none; or a layout is not theirs."""

    code = "bad-zones"
    title = N_("The table cannot be divided like this.")
    hint = N_("Zones lie within the table and beside each other: from one to eight.")
