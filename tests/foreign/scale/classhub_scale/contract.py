"""The contract of a weighing scale: what every driver of one offers."""

from pydantic import BaseModel

from hub.device import N_, Action, Device, Event, NoInput, Property, Role, SampleStream


class Weighing(BaseModel):
    """What lay on the scale at one moment.

    Attributes:
        grams: mass.
        steady: it no longer moves.
    """

    grams: float
    steady: bool


class Scale(Device, kind="scale", icon="scale", title=N_("Scale")):
    """Scale.

    Weighs what lies on it.
    """

    mass: Property[float] = Property(
        float,
        title=N_("Mass"),
        doc=N_("How heavy is what lies on it, less what it was set to zero with."),
        unit="g",
        minimum=-5000.0,
        maximum=5000.0,
    )
    rate: Property[int] = Property(
        int,
        title=N_("Weighings a second"),
        doc=N_("How often it weighs."),
        unit="Hz",
        minimum=1,
        maximum=50,
        optional=True,
        writable=True,
        write_role=Role.TEACHER,
    )
    tare: Action[NoInput, float] = Action(
        title=N_("Set to zero"),
        doc=N_("Waits until it is steady and weighs from there on; the result is what lay on it."),
        output=float,
        role=Role.PUPIL,
        limit=20.0,
    )
    overload: Event[float] = Event(
        float,
        title=N_("Too heavy"),
        doc=N_("More lies on it than it can weigh: so many grams."),
        optional=True,
    )
    weighings: SampleStream[Weighing] = SampleStream(
        Weighing,
        title=N_("Weighings"),
        doc=N_("Everything that it weighs, as it comes."),
    )
