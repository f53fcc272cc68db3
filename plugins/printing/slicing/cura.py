"""CuraEngine: its settings and its command.

The engine alone has no defaults: Cura reckons them. Those that no profile changes stand in
`configs/printing/cura-engine.toml`. Source: CuraEngine 4.13 (Debian 12), `CuraEngine help`; the
meaning of settings: Cura 4.13, `fdmprinter.def.json`.
"""

import math
import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any, Final

from plugins.printing.slicing.errors import WishNotPossible
from plugins.printing.slicing.profiles import CONFIGS, Profile

COMMAND: Final = "CuraEngine"
PACKAGE: Final = "cura-engine"
VERSION_ASKED: Final = ("help",)
VERSION: Final = re.compile(r"Cura_SteamEngine version (\d[\w.]*)")
TOO_BIG: Final = ("outside of the build volume",)
NOTHING: Final = ("no layers", "nothing to print")
LAST: Final = b";End of Gcode"
FILE: Final = CONFIGS / "printing" / "cura-engine.toml"
_STAGES: Final = ("slice", "layerparts", "inset+skin", "support", "export")
_STEP: Final = re.compile(r"Progress: ([\w+]+) accomplished")
_TURN: Final = "[[1,0,0], [0,1,0], [0,0,1]]"


def command(
    program: str, model: Path, target: Path, _folder: Path, profile: Profile, height: float
) -> list[str]:
    """Return what slices a model. Raises `WishNotPossible`: it lays no copies side by side."""
    if profile.wishes.copies > 1:
        raise WishNotPossible("CuraEngine prints one copy at a time")
    given = settings(profile, height)
    pairs = [word for name, value in given.items() for word in ("-s", f"{name}={_text(value)}")]
    return [
        program, "slice", "-v", *pairs, "-e0", *pairs, "-o", str(target), "-l", str(model),
    ]  # fmt: skip


def progress(line: str) -> float | None:
    """Return how far it is, 0..1, as it says in a line of its output; None where it does not."""
    found = _STEP.match(line)
    if found is None or found[1] not in _STAGES:
        return None
    return (_STAGES.index(found[1]) + 1) / len(_STAGES)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    return f"{value:.6g}" if isinstance(value, float) else str(value)


@cache
def _fixed() -> dict[str, Any]:
    return dict(tomllib.loads(FILE.read_text("utf-8"))["settings"])


def settings(profile: Profile, height: float) -> dict[str, Any]:
    """Return everything that it is told. Nothing of it comes from a stranger."""
    return {
        **_fixed(),
        **_of_printer(profile, height),
        **_of_material(profile),
        **_of_print(profile),
        **_of_supports(profile),
        **_speeds(profile),
    }


def _of_printer(profile: Profile, height: float) -> dict[str, Any]:
    printer, retraction = profile.printer, profile.printer.retraction
    return {
        "machine_name": printer.title,
        "machine_width": printer.volume[0],
        "machine_depth": printer.volume[1],
        "machine_height": printer.volume[2],
        "machine_center_is_zero": printer.centred,
        # It puts what stands around x 0, y 0 into the middle of the plate itself.
        "mesh_position_x": 0.0,
        "mesh_position_y": 0.0,
        "mesh_rotation_matrix": _TURN,
        "machine_nozzle_size": printer.nozzle,
        "machine_heated_bed": True,
        "machine_gcode_flavor": "RepRap (Marlin/Sprinter)",
        "machine_start_gcode": profile.code(printer.start, height) + "\nM83",
        "machine_end_gcode": profile.code(printer.end, height),
        "machine_acceleration": printer.acceleration,
        "machine_max_acceleration_x": printer.acceleration,
        "machine_max_acceleration_y": printer.acceleration,
        "machine_max_feedrate_x": printer.travel,
        "machine_max_feedrate_y": printer.travel,
        "relative_extrusion": True,
        # The start code heats.
        "material_print_temp_prepend": False,
        "material_bed_temp_prepend": False,
        "retraction_enable": True,
        "retraction_amount": round(retraction.length * profile.material.pull, 2),
        "retraction_extrusion_window": round(retraction.length * profile.material.pull, 2),
        "retraction_retract_speed": retraction.speed,
        "retraction_prime_speed": retraction.speed,
        "retraction_hop_enabled": retraction.lift > 0,
        "retraction_hop": retraction.lift,
        "z_seam_x": printer.volume[0] / 2,
        "z_seam_y": printer.volume[1] * 3,
    }


def _of_material(profile: Profile) -> dict[str, Any]:
    material = profile.material
    return {
        "material_diameter": profile.printer.filament,
        "material_print_temperature": material.tool,
        "material_initial_print_temperature": material.tool,
        "material_print_temperature_layer_0": material.tool_first,
        "material_bed_temperature": profile.bed,
        "material_bed_temperature_layer_0": profile.bed_first,
        "cool_fan_enabled": material.fan[1] > 0,
        "cool_fan_speed_0": 0,
        "cool_fan_speed_min": material.fan[0],
        "cool_fan_speed_max": material.fan[1],
        "cool_min_layer_time": 10,
        "cool_min_layer_time_fan_speed_max": 20,
    }


def _of_print(profile: Profile) -> dict[str, Any]:
    quality, wishes, nozzle = profile.quality, profile.wishes, profile.printer.nozzle
    width = nozzle
    lines = wishes.infill > 25  # else a grid, of which each line counts twice
    spacing = width * 100 / wishes.infill * (1 if lines else 2) if wishes.infill else 0.0
    layers = profile.layer_height
    named = (
        "wall_line_width_0", "wall_line_width_x", "skin_line_width", "infill_line_width",
        "roofing_line_width", "skirt_brim_line_width", "support_line_width",
        "support_roof_line_width", "support_bottom_line_width", "prime_tower_line_width",
    )  # fmt: skip
    return {
        **dict.fromkeys(named, width),
        "layer_height": layers,
        "layer_height_0": profile.first_layer,
        "infill_sparse_thickness": layers,
        "support_infill_sparse_thickness": layers,
        "wall_line_count": quality.walls,
        "top_layers": quality.top,
        "bottom_layers": quality.bottom,
        "initial_bottom_layers": quality.bottom,
        "infill_line_distance": spacing,
        "infill_sparse_density": wishes.infill,
        "infill_pattern": "lines" if lines else "grid",
        "infill_overlap_mm": width * 0.15,
        "skin_overlap_mm": width * 0.05,
        "top_skin_preshrink": width * quality.walls,
        "bottom_skin_preshrink": width * quality.walls,
        "top_skin_expand_distance": width * quality.walls,
        "bottom_skin_expand_distance": width * quality.walls,
        "adhesion_type": "brim" if wishes.brim else "skirt",
        "brim_line_count": math.ceil(5.0 / width) if wishes.brim else 0,
        "skirt_line_count": 1,
        "skirt_gap": 3.0,
        "wall_0_wipe_dist": nozzle / 2,
    }


def _of_supports(profile: Profile) -> dict[str, Any]:
    width, layers = profile.printer.nozzle, profile.layer_height
    distance = width * 100 / 15
    return {
        "support_enable": profile.wishes.supports,
        "support_type": "everywhere",
        "support_angle": 45,
        "support_infill_rate": 15,
        "support_line_distance": distance,
        "support_initial_layer_line_distance": distance,
        "support_top_distance": max(layers, 0.2),
        "support_bottom_distance": max(layers, 0.2),
        "support_z_distance": max(layers, 0.2),
        "support_xy_distance": width * 1.75,
        "support_xy_distance_overhang": width / 2,
        "support_tree_collision_resolution": width / 2,
    }


def _speeds(profile: Profile) -> dict[str, Any]:
    # It has no limit of how much a hotend melts; every speed is held below it here.
    melts = profile.material.flow / (profile.layer_height * profile.printer.nozzle)
    speed = min(profile.printer.speed * profile.pace, melts)
    outer, first = speed * 0.6, min(20.0, speed)
    travel = profile.printer.travel
    return {
        "speed_wall_0": outer,
        "speed_wall_x": speed,
        "speed_roofing": outer,
        "speed_topbottom": speed * 0.8,
        "speed_infill": min(speed * 1.3, melts),
        "speed_support_infill": speed,
        "speed_support_roof": outer,
        "speed_support_bottom": outer,
        "speed_prime_tower": speed,
        "speed_print_layer_0": first,
        "speed_travel_layer_0": travel * 0.6,
        "skirt_brim_speed": first,
        "speed_travel": travel,
        "raft_base_speed": first,
        "raft_interface_speed": first,
        "raft_surface_speed": first,
    }
