"""PrusaSlicer: its settings and its command.

Source: `prusa-slicer --help-fff` of 2.5.0 (Debian 12). It has no words for a model that does not
fit: it aborts (rc 134).
"""

import re
from pathlib import Path
from typing import Final

from plugins.printing.slicing.profiles import Profile

COMMAND: Final = "prusa-slicer"
PACKAGE: Final = "prusa-slicer"
VERSION_ASKED: Final = ("--help",)
VERSION: Final = re.compile(r"PrusaSlicer-(\d[\w.]*)")
TOO_BIG: Final = ("could not fit on the bed", "outside of the print volume", "exceeds the maximum")
NOTHING: Final = (
    "the print is empty",
    "no layers were detected",
    "no extrusions",
    "nothing to print",
    "empty layer",
    "no object is fully inside",
    "no pixel",
)
LAST: Final = b"; prusaslicer_config = end"
_STEP: Final = re.compile(r"(\d{1,3}) => ")


def command(
    program: str, model: Path, target: Path, folder: Path, profile: Profile, height: float
) -> list[str]:
    """Return what slices a model; its settings are written into `folder`."""
    ini = folder / "settings.ini"
    ini.write_text(settings(profile, height), "utf-8")
    x, y = profile.middle
    copies = profile.wishes.copies
    return [
        program, "--export-gcode", "--load", str(ini), "--datadir", str(folder / "data"),
        "--center", f"{x:g},{y:g}", *(("--duplicate", str(copies)) if copies > 1 else ()),
        "--output", str(target), str(model),
    ]  # fmt: skip


def progress(line: str) -> float | None:
    """Return how far it is, 0..1, as it says in a line of its output; None where it does not."""
    found = _STEP.match(line)
    return min(int(found[1]), 100) / 100 if found else None


def settings(profile: Profile, height: float) -> str:
    """Return its settings file. Nothing of it comes from a stranger."""
    values = {**_of_printer(profile, height), **_of_material(profile), **_of_print(profile)}
    return "".join(f"{name} = {_text(value)}\n" for name, value in values.items())


def _text(value: object) -> str:
    if isinstance(value, bool):
        return str(int(value))
    return f"{value:g}" if isinstance(value, float) else str(value)


def _multiline(code: str) -> str:
    return code.replace("\\", "\\\\").replace("\n", "\\n")


def _of_printer(profile: Profile, height: float) -> dict[str, object]:
    printer, retraction = profile.printer, profile.printer.retraction
    x, y, z = printer.volume
    left, front = (-x / 2, -y / 2) if printer.centred else (0.0, 0.0)
    corners = [(left, front), (left + x, front), (left + x, front + y), (left, front + y)]
    return {
        "printer_technology": "FFF",
        "printer_model": printer.title,
        "bed_shape": ",".join(f"{a:g}x{b:g}" for a, b in corners),
        "max_print_height": z,
        "nozzle_diameter": printer.nozzle,
        "gcode_flavor": "marlin2",
        "use_relative_e_distances": True,
        "layer_gcode": "",
        "before_layer_gcode": "G92 E0",
        "start_gcode": _multiline(profile.code(printer.start, height)),
        "end_gcode": _multiline(profile.code(printer.end, height)),
        "machine_limits_usage": "time_estimate_only",
        "machine_max_acceleration_extruding": printer.acceleration,
        "machine_max_acceleration_x": printer.acceleration,
        "machine_max_acceleration_y": printer.acceleration,
        "machine_max_acceleration_travel": printer.acceleration,
        "machine_max_acceleration_retracting": 1500,
        "machine_max_feedrate_x": printer.travel,
        "machine_max_feedrate_y": printer.travel,
        "retract_length": round(retraction.length * profile.material.pull, 2),
        "retract_speed": retraction.speed,
        "retract_lift": retraction.lift,
        "retract_before_travel": 1.5,
        "retract_layer_change": True,
        "wipe": retraction.length < 3,
        "silent_mode": False,
        "thumbnails": "",
        "host_type": "octoprint",
    }


def _of_material(profile: Profile) -> dict[str, object]:
    material = profile.material
    return {
        "filament_type": material.title,
        "filament_diameter": profile.printer.filament,
        "filament_density": material.density,
        "filament_colour": material.colour,
        "filament_max_volumetric_speed": material.flow,
        "temperature": material.tool,
        "first_layer_temperature": material.tool_first,
        "bed_temperature": profile.bed,
        "first_layer_bed_temperature": profile.bed_first,
        "cooling": True,
        "fan_always_on": material.fan[0] > 0,
        "min_fan_speed": material.fan[0],
        "max_fan_speed": material.fan[1],
        "bridge_fan_speed": 100,
        "disable_fan_first_layers": 1,
        "slowdown_below_layer_time": 12,
        "min_print_speed": 12,
        # Left empty, 2.5 reads what happens to lie in memory.
        "start_filament_gcode": '";"',
        "end_filament_gcode": '";"',
    }


def _of_print(profile: Profile) -> dict[str, object]:
    quality, wishes, printer = profile.quality, profile.wishes, profile.printer
    speed = printer.speed * profile.pace
    width = round(printer.nozzle * 1.125, 3)
    return {
        "layer_height": profile.layer_height,
        "first_layer_height": round(profile.first_layer, 3),
        "perimeters": quality.walls,
        "top_solid_layers": quality.top,
        "bottom_solid_layers": quality.bottom,
        "fill_density": f"{wishes.infill}%",
        "fill_pattern": "rectilinear" if wishes.infill == 100 else "grid",
        "seam_position": "aligned",
        "thin_walls": True,
        "avoid_crossing_perimeters": False,
        "extrusion_width": width,
        "first_layer_extrusion_width": width,
        "perimeter_speed": speed,
        "external_perimeter_speed": speed * 0.6,
        "small_perimeter_speed": speed * 0.5,
        "infill_speed": speed * 1.3,
        "solid_infill_speed": speed,
        "top_solid_infill_speed": speed * 0.6,
        "support_material_speed": speed,
        "bridge_speed": min(speed, 35.0),
        "gap_fill_speed": speed * 0.5,
        "first_layer_speed": min(20.0, speed),
        "travel_speed": printer.travel,
        "default_acceleration": 0,
        "support_material": wishes.supports,
        "support_material_auto": wishes.supports,
        "support_material_threshold": 45,
        "support_material_style": "snug",
        "support_material_spacing": 2.0,
        "support_material_contact_distance": 0.2,
        "support_material_interface_layers": 2,
        "skirts": 0 if wishes.brim else 1,
        "skirt_distance": 2.0,
        "brim_type": "outer_only" if wishes.brim else "no_brim",
        "brim_width": 5.0 if wishes.brim else 0.0,
        "elefant_foot_compensation": 0.1,
        "resolution": 0.0125,
        "gcode_resolution": 0.0125,
        "gcode_comments": False,
        "gcode_label_objects": False,
        "complete_objects": False,
        "duplicate_distance": 6.0,
        "post_process": "",
    }
