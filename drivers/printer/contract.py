"""The contract of a 3D printer."""

from drivers.printer.values import (
    Answer,
    FilamentChange,
    Firmware,
    Gcode,
    GcodeAnswer,
    Homing,
    LineCounts,
    Move,
    Position,
    PrintBegun,
    PrinterState,
    PrintHappened,
    PrintOrder,
    Progress,
    Prompt,
    Targets,
    Temperatures,
    Volume,
)
from hub.device import N_, Action, Device, Event, Property, Role

PRINTING = N_("It is printing and was not disturbed; only its state was read.")
"""What a check before the lesson tells of a printer that is at work."""


class Printer(Device, kind="printer", icon="printer", title=N_("3D printer")):
    """3D printer.

    Builds a part from plastic, layer by layer, out of a file of G-code. Whoever starts a print says
    which job it is; the printer tells how far it is and how it ended, and never resumes by itself
    what was interrupted.
    """

    # How it is.
    state: Property[PrinterState] = Property(
        PrinterState,
        title=N_("State"),
        doc=N_("What the printer is doing."),
    )
    progress: Property[Progress] = Property(
        Progress,
        title=N_("Print"),
        doc=N_("How far the print is; after its end, how it ended."),
    )
    temperatures: Property[Temperatures] = Property(
        Temperatures,
        title=N_("Temperatures"),
        doc=N_("How warm nozzle, plate and chamber are, and how warm they shall be."),
        unit="Cel",
    )
    position: Property[Position] = Property(
        Position,
        title=N_("Position"),
        doc=N_("Where the nozzle is."),
        unit="mm",
        optional=True,
    )
    filament: Property[bool] = Property(
        bool,
        title=N_("Filament"),
        doc=N_("Whether the printer's sensor feels filament."),
        optional=True,
    )
    prompt: Property[Prompt] = Property(
        Prompt,
        title=N_("Question"),
        doc=N_("What the printer asks the people before it."),
        optional=True,
    )
    speed: Property[int] = Property(
        int,
        title=N_("Speed"),
        doc=N_("How fast it prints, of what the file says."),
        unit="%",
        minimum=10,
        maximum=300,
        optional=True,
        writable=True,
    )
    flow: Property[int] = Property(
        int,
        title=N_("Flow"),
        doc=N_("How much plastic it pushes, of what the file says."),
        unit="%",
        minimum=50,
        maximum=150,
        optional=True,
        writable=True,
    )
    fan: Property[int] = Property(
        int,
        title=N_("Fan"),
        doc=N_("How fast the fan cools the part."),
        unit="%",
        minimum=0,
        maximum=100,
        optional=True,
        writable=True,
    )
    light: Property[bool] = Property(
        bool,
        title=N_("Light"),
        doc=N_("Whether the printer's lamp is on."),
        optional=True,
        writable=True,
    )

    # What it is.
    volume: Property[Volume] = Property(
        Volume,
        title=N_("Volume"),
        doc=N_("How large a part it can build."),
        unit="mm",
    )
    nozzle: Property[float] = Property(
        float,
        title=N_("Nozzle"),
        doc=N_("Diameter of the nozzle's hole."),
        unit="mm",
        minimum=0.0,
    )
    materials: Property[list[str]] = Property(
        list[str],
        title=N_("Materials"),
        doc=N_("Which plastic is loaded, one for each nozzle."),
    )
    firmware: Property[Firmware] = Property(
        Firmware,
        title=N_("Firmware"),
        doc=N_("The printer's own program, and what it can do."),
        optional=True,
        role=Role.TEACHER,
    )
    policy: Property[str] = Property(
        str,
        title=N_("G-code policy"),
        doc=N_("Which commands of a file it is given, where nothing else is set for it."),
        optional=True,
    )
    line_counts: Property[LineCounts] = Property(
        LineCounts,
        title=N_("Lines"),
        doc=N_("How many lines went to the printer, and how many had to go again."),
        optional=True,
        role=Role.TEACHER,
    )

    # Prints. Who may start one is judged by whoever keeps the queue; directly, the engineer.
    print: Action[PrintOrder, PrintBegun] = Action(
        input=PrintOrder,
        output=PrintBegun,
        title=N_("Print a file"),
        doc=N_("Check a file of G-code and begin to print it. The plate must be clear."),
        role=Role.ENGINEER,
        limit=120.0,
    )
    pause: Action[None, None] = Action(
        title=N_("Pause"),
        doc=N_("Stop printing, lift the nozzle and park it; the heaters stay on."),
        role=Role.TEACHER,
        limit=120.0,
    )
    resume: Action[None, None] = Action(
        title=N_("Resume"),
        doc=N_("Go on printing where it was paused."),
        role=Role.TEACHER,
        limit=600.0,
    )
    cancel: Action[None, None] = Action(
        title=N_("Cancel the print"),
        doc=N_("Give the print up, switch the heaters off and bring the part forward."),
        role=Role.TEACHER,
        limit=180.0,
    )
    stop: Action[None, None] = Action(
        title=N_("Stop at once"),
        doc=N_("In danger: everything stops at once, and the heaters go off."),
        role=Role.TEACHER,
        limit=10.0,
    )

    # By hand.
    home: Action[Homing, None] = Action(
        input=Homing,
        title=N_("To the home position"),
        doc=N_("Bring the nozzle to the ends of the axes, so that it knows where it is."),
        optional=True,
        role=Role.TEACHER,
        limit=180.0,
    )
    move: Action[Move, None] = Action(
        input=Move,
        title=N_("Move"),
        doc=N_("Move the nozzle from where it is."),
        optional=True,
        role=Role.TEACHER,
        limit=120.0,
    )
    heat: Action[Targets, None] = Action(
        input=Targets,
        title=N_("Heat"),
        doc=N_("Say how warm nozzle, plate and chamber shall be, and do not wait."),
        optional=True,
        role=Role.TEACHER,
        limit=30.0,
    )
    cool: Action[None, None] = Action(
        title=N_("Cool"),
        doc=N_("Switch all heaters off."),
        optional=True,
        role=Role.TEACHER,
        limit=30.0,
    )
    load: Action[FilamentChange, None] = Action(
        input=FilamentChange,
        title=N_("Load filament"),
        doc=N_("Heat the nozzle and pull new filament in."),
        optional=True,
        role=Role.TEACHER,
        limit=900.0,
    )
    unload: Action[FilamentChange, None] = Action(
        input=FilamentChange,
        title=N_("Unload filament"),
        doc=N_("Heat the nozzle and push the filament out."),
        optional=True,
        role=Role.TEACHER,
        limit=900.0,
    )
    answer: Action[Answer, None] = Action(
        input=Answer,
        title=N_("Give an answer"),
        doc=N_("Answer what the printer asks; without a question, tell it to go on."),
        optional=True,
        role=Role.TEACHER,
        limit=30.0,
    )
    send: Action[Gcode, GcodeAnswer] = Action(
        input=Gcode,
        output=GcodeAnswer,
        title=N_("Send G-code"),
        doc=N_("Send lines to the printer and read what it answers."),
        optional=True,
        role=Role.ENGINEER,
        limit=300.0,
    )

    # What happens.
    print_started: Event[PrintHappened] = Event(
        PrintHappened,
        title=N_("Print started"),
        doc=N_("A print has begun."),
    )
    print_paused: Event[PrintHappened] = Event(
        PrintHappened,
        title=N_("Print paused"),
        doc=N_("The print was paused, by a person or by the printer."),
    )
    print_resumed: Event[PrintHappened] = Event(
        PrintHappened,
        title=N_("Print resumed"),
        doc=N_("The print goes on."),
    )
    print_finished: Event[PrintHappened] = Event(
        PrintHappened,
        title=N_("Print finished"),
        doc=N_("The part is there."),
    )
    print_cancelled: Event[PrintHappened] = Event(
        PrintHappened,
        title=N_("Print cancelled"),
        doc=N_("The print was given up by a person."),
    )
    print_failed: Event[PrintHappened] = Event(
        PrintHappened,
        title=N_("Print failed"),
        doc=N_("The printer could not go on with the print."),
    )
    print_interrupted: Event[PrintHappened] = Event(
        PrintHappened,
        title=N_("Print interrupted"),
        doc=N_("The printer went away or started anew in the middle of the print."),
    )
    runout: Event[None] = Event(
        title=N_("Filament has run out"),
        doc=N_("The printer's sensor feels no filament any more."),
        optional=True,
    )
    prompted: Event[Prompt] = Event(
        Prompt,
        title=N_("Question"),
        doc=N_("The printer asks something."),
        optional=True,
    )
    halted: Event[str] = Event(
        str,
        title=N_("Printer halted"),
        doc=N_("The printer has stopped itself; what it said is for the engineer."),
    )
