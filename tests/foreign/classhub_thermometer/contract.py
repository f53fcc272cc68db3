"""The contract of a thermometer: what every driver of one offers."""

from hub.device import N_, Device, Event, Property, Role


class Thermometer(Device, kind="thermometer", icon="thermometer", title=N_("Thermometer")):
    """Thermometer.

    Measures how warm it is, and says when it becomes too hot.
    """

    temperature: Property[float] = Property(
        float,
        title=N_("Temperature"),
        doc=N_("How warm it is where the sensor is."),
        unit="Cel",
    )
    alarm: Property[float] = Property(
        float,
        title=N_("Alarm"),
        doc=N_("Above this temperature it is too hot."),
        unit="Cel",
        minimum=-40.0,
        maximum=120.0,
        optional=True,
        writable=True,
        write_role=Role.TEACHER,
    )
    too_hot: Event[float] = Event(
        float,
        title=N_("Too hot"),
        doc=N_("The temperature rose above the alarm."),
        optional=True,
    )
