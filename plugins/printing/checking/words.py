"""What each finding means, in words for a pupil of eleven, and how grave it is."""

from dataclasses import dataclass

from hub.errors import N_
from plugins.printing.checking.verdict import Finding, Places, Severity


@dataclass(frozen=True, slots=True)
class Words:
    """A finding's severity, title and hint (message ids)."""

    severity: Severity
    title: str
    hint: str


WORDS: dict[str, Words] = {
    "flat": Words(
        "refuse",
        N_("The model is flat: it has no thickness."),
        N_("Pull the shape up in your program so that it becomes a body, and export it again."),
    ),
    "too-big": Words(
        "refuse",
        N_("The model is too big for this printer."),
        N_("It is {x} × {y} × {z} mm; at most {px} × {py} × {pz} mm fit. Make it smaller."),
    ),
    "open": Words(
        "refuse",
        N_("The surface has holes, so the printer cannot know what is inside."),
        N_("Let the hub repair it, or close the marked holes in your program."),
    ),
    "open-slightly": Words(
        "warn",
        N_("The surface has a few tiny gaps."),
        N_("It will probably print well. You can let the hub close them."),
    ),
    "one-sided": Words(
        "refuse",
        N_("The surface is twisted: it has no inside and no outside."),
        N_("Give the shape a thickness in your program, and export it again."),
    ),
    "units-small": Words(
        "warn",
        N_("The model is tiny. Perhaps it was drawn in another unit."),
        N_("It would be {x} × {y} × {z} mm if made {factor} times larger. Is this what you meant?"),
    ),
    "units-large": Words(
        "warn",
        N_("The model is huge. Perhaps it was drawn in another unit."),
        N_(
            "It would be {x} × {y} × {z} mm if made {factor} times smaller. Is this what you meant?"
        ),
    ),
    "tiny": Words(
        "warn",
        N_("The model is smaller than the printer can show well."),
        N_("Make it larger: at least {least} mm."),
    ),
    "inside-out": Words(
        "warn",
        N_("The model is inside out."),
        N_("Let the hub turn its surface the right way."),
    ),
    "turned-faces": Words(
        "warn",
        N_("Some parts of the surface face the wrong way."),
        N_("Let the hub turn them the right way."),
    ),
    "thin": Words(
        "warn",
        N_("Some walls are thinner than the printer can print."),
        N_("The thinnest is {thinnest} mm. Make the marked walls at least {least} mm thick."),
    ),
    "fragile": Words(
        "tell",
        N_("Some walls are thin and break easily."),
        N_("The thinnest is {thinnest} mm. Walls of {least} mm and more are strong."),
    ),
    "floating": Words(
        "warn",
        N_("Some parts hang in the air: nothing holds them."),
        N_("Move the marked parts down to the plate, or join them to the rest."),
    ),
    "overhang": Words(
        "warn",
        N_("Some surfaces hang over nothing and need supports."),
        N_("Turn the model another way, or print it with supports."),
    ),
    "no-base": Words(
        "warn",
        N_("The model has no flat side below, so it will not hold on the plate."),
        N_("Turn it so that a flat side is below, or cut the bottom flat."),
    ),
    "small-base": Words(
        "warn",
        N_("The model stands on very little and may come loose while it prints."),
        N_("Turn it so that a larger flat side is below, or print it with a brim."),
    ),
    "tips-over": Words(
        "warn",
        N_("The model would tip over: its weight is not above its base."),
        N_("Turn it another way, make the base wider, or print it with supports."),
    ),
    "many-bodies": Words(
        "warn",
        N_("The model consists of very many separate pieces."),
        N_("Join them in your program, and remove crumbs that you do not need."),
    ),
    "bodies-apart": Words(
        "tell",
        N_("The model consists of separate parts: {count}."),
        N_("They are printed side by side and do not hold together."),
    ),
    "bodies-touch": Words(
        "tell",
        N_("Some parts only touch each other."),
        N_("They may fall apart. Push them a little into each other and join them."),
    ),
    "bodies-overlap": Words(
        "tell",
        N_("Some parts are pushed into each other."),
        N_("They are printed as one. To be sure, join them in your program."),
    ),
    "bodies-inside": Words(
        "tell",
        N_("There is a part inside another one."),
        N_("It will not be seen. Remove it if you do not need it."),
    ),
    "hollow": Words(
        "tell",
        N_("There is a closed hollow inside the model."),
        N_("Supports inside cannot be taken out. Leave a hole, or make it solid."),
    ),
    "shared-edges": Words(
        "tell",
        N_("In some places more than two surfaces meet at one edge."),
        N_("Look at the marked edges: parts that only touch there should overlap or be apart."),
    ),
    "duplicate": Words(
        "tell",
        N_("Some triangles lie exactly on others."),
        N_("Let the hub remove them."),
    ),
    "degenerate": Words(
        "tell",
        N_("Some triangles have no area."),
        N_("They do no harm. The hub can remove them."),
    ),
    "colours-elsewhere": Words(
        "tell",
        N_("Its colours and pictures are in other files and are left out."),
        N_("The printer prints in one colour anyway."),
    ),
}

_GRAVITY = {"refuse": 0, "warn": 1, "tell": 2}


def finding(
    code: str,
    places: Places | None = None,
    *,
    number: float | None = None,
    unit: str = "",
    **params: float | str,
) -> Finding:
    """Return a finding with its words."""
    words = WORDS[code]
    return Finding(
        code,
        words.severity,
        words.title,
        words.hint,
        params=params,
        number=None if number is None else round(float(number), 3),
        unit=unit,
        places=places or Places(),
    )


def sorted_findings(findings: list[Finding]) -> list[Finding]:
    """Return the gravest first, otherwise as `WORDS` lists them."""
    rank = {code: place for place, code in enumerate(WORDS)}
    return sorted(findings, key=lambda one: (_GRAVITY[one.severity], rank[one.code]))
