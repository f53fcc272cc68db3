"""The contract of an interactive panel, a projector, or another screen of a class."""

from drivers.panel.values import MOST_HOURS, About, Fault, Lamp, Power, Source, SourceName
from hub.device import N_, Action, Device, Property, Role

SLOW = 15.0
"""Seconds that a panel may take: lines are slow, and one question waits for the one before."""


STATUS = N_("It answered with its status.")
"""What a check before the lesson tells of a panel that was asked."""


class Panel(Device, kind="panel", icon="monitor", title=N_("Interactive panel")):
    """Interactive panel.

    The class's large screen, or a projector: switched on and off, its input, its sound, what
    pupils may touch. What shows on it comes from the computer that it is connected to.
    """

    power: Property[Power] = Property(
        Power,
        title=N_("Power"),
        doc=N_("Whether the panel is on; warming and cooling come by themselves."),
        writable=True,
        limit=SLOW,
    )
    source: Property[Source] = Property(
        Source,
        title=N_("Input"),
        doc=N_("Which of its sockets the panel shows."),
        optional=True,
        writable=True,
        limit=SLOW,
    )
    sources: Property[list[SourceName]] = Property(
        list[SourceName],
        title=N_("Inputs"),
        doc=N_("The panel's sockets, as it or its maker calls them."),
        optional=True,
        limit=SLOW,
    )
    volume: Property[int] = Property(
        int,
        title=N_("Volume"),
        doc=N_("How loud the panel's speakers are."),
        unit="%",
        minimum=0,
        maximum=100,
        optional=True,
        writable=True,
        limit=SLOW,
    )
    mute: Property[bool] = Property(
        bool,
        title=N_("Sound off"),
        doc=N_("The speakers are silent; the volume stays as it is."),
        optional=True,
        writable=True,
        limit=SLOW,
    )
    blank: Property[bool] = Property(
        bool,
        title=N_("Blank"),
        doc=N_("The picture is dark; the panel stays on."),
        optional=True,
        writable=True,
        limit=SLOW,
    )
    freeze: Property[bool] = Property(
        bool,
        title=N_("Freeze"),
        doc=N_("The picture stands still, whatever the computer shows."),
        optional=True,
        writable=True,
        limit=SLOW,
    )
    brightness: Property[int] = Property(
        int,
        title=N_("Brightness"),
        doc=N_("How bright the panel's light is."),
        unit="%",
        minimum=0,
        maximum=100,
        optional=True,
        writable=True,
        limit=SLOW,
    )
    contrast: Property[int] = Property(
        int,
        title=N_("Contrast"),
        doc=N_("How far bright and dark are apart."),
        unit="%",
        minimum=0,
        maximum=100,
        optional=True,
        writable=True,
        limit=SLOW,
    )
    lock: Property[bool] = Property(
        bool,
        title=N_("Buttons locked"),
        doc=N_("The panel's buttons and its remote control do nothing."),
        optional=True,
        writable=True,
        limit=SLOW,
    )
    touch_lock: Property[bool] = Property(
        bool,
        title=N_("Touch locked"),
        doc=N_("The panel does not feel fingers."),
        optional=True,
        writable=True,
        limit=SLOW,
    )
    assumed: Property[list[str]] = Property(
        list[str],
        title=N_("Assumed"),
        doc=N_(
            "Properties whose value is what was set last: the panel does not say it, or did not."
        ),
    )
    faults: Property[list[Fault]] = Property(
        list[Fault],
        title=N_("Faults"),
        doc=N_("What the panel says is wrong with it; empty when all is well."),
        optional=True,
        limit=SLOW,
    )
    lamps: Property[list[Lamp]] = Property(
        list[Lamp],
        title=N_("Lamps"),
        doc=N_("How long each lamp has been lit."),
        unit="h",
        optional=True,
        limit=SLOW,
    )
    on_hours: Property[int] = Property(
        int,
        title=N_("Hours on"),
        doc=N_("How long the panel has been on in its life."),
        unit="h",
        minimum=0,
        maximum=MOST_HOURS,
        optional=True,
        limit=SLOW,
    )
    filter_hours: Property[int] = Property(
        int,
        title=N_("Hours of the filter"),
        doc=N_("How long the air filter has been used since it was cleaned."),
        unit="h",
        minimum=0,
        maximum=MOST_HOURS,
        optional=True,
        limit=SLOW,
    )
    temperature: Property[float] = Property(
        float,
        title=N_("Temperature"),
        doc=N_("How warm the panel is inside."),
        unit="Cel",
        optional=True,
        limit=SLOW,
    )
    about: Property[About] = Property(
        About,
        title=N_("About the panel"),
        doc=N_("Maker, model and firmware, as the panel says them."),
        optional=True,
        role=Role.TEACHER,
        limit=SLOW,
    )

    louder: Action[None, None] = Action(
        title=N_("Louder"),
        doc=N_("One step louder, of a panel that does not say how loud it is."),
        optional=True,
        limit=SLOW,
    )
    quieter: Action[None, None] = Action(
        title=N_("Quieter"),
        doc=N_("One step quieter, of a panel that does not say how loud it is."),
        optional=True,
        limit=SLOW,
    )
