"""Words on what leaves the hub."""

from hub.plugin import N_

TITLE = N_("Pictures to take along")
LABELS = {
    "file": N_("File"),
    "title": N_("Title"),
    "author": N_("Author"),
    "taken": N_("Taken"),
    "lesson": N_("Lesson"),
    "device": N_("Microscope"),
    "objective": N_("Objective"),
    "scale": N_("Micrometres to a pixel"),
    "note": N_("Note"),
    "name": N_("First and last name"),
    "date": N_("Date"),
    "question": N_("Question"),
    "answer": N_("Answer"),
    "kind": N_("What was measured"),
    "label": N_("Label"),
    "value": N_("Value"),
    "unit": N_("Unit"),
    "mean": N_("Mean"),
    "gone": N_("This picture was deleted while the file was being made."),
}
