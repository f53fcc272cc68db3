"""What handed in files are called, and what their names say of them."""

from hub.school import BadName, clean_name

NAME = 80
GCODE = (".gcode", ".gco", ".g", ".gc", ".bgcode")


def is_gcode(name: str) -> bool:
    """Tell by its name whether a file is finished G-code."""
    return name.lower().endswith(GCODE)


def title_of(name: str) -> str:
    """Return the name of a file without folder and ending, as people call the thing."""
    last = name.replace("\\", "/").rsplit("/", 1)[-1]
    stem = last.rsplit(".", 1)[0] if "." in last[1:] else last
    try:
        return clean_name(stem[: NAME * 2], limit=NAME * 2)[:NAME].strip()
    except BadName:
        return "3D"
