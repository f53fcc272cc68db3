"""Looks at what is to be shown. Runs in a worker: the file may be anything.

GLB: Khronos glTF 2.0, sections 4.4 (binary layout) and 3.5 (nodes and meshes). STL: 3D Systems'
StereoLithography Interface Specification: 80 bytes, a count, 50 bytes a triangle; or text.
PDFium draws PDFs; this build of it runs no JavaScript, and nothing in the file is followed.
"""

import json
import struct
from pathlib import Path
from typing import Any

import pypdfium2

from plugins.panel.show.errors import BadMaterial, ModelNeedsMore, NoSuchPage, TooHeavy

MOST_PAGES = 300
MOST_PARTS = 500
MOST_TRIANGLES = 2_000_000
MOST_JSON = 16 << 20
_LONGEST = 2560
"""Pixels of a page's longer side."""
_GLB, _JSON = b"glTF", 0x4E4F534A
_KNOWN = ("KHR_materials_", "KHR_texture_transform", "KHR_mesh_quantization", "KHR_lights_punctual")
"""Extensions that the pages' loader has without a decoder of its own."""
_UNNAMED = 120


def look(source: str) -> dict[str, Any]:
    """Tell what a file is: `media_type`, and `pages` or `parts` (`id`, `name`).

    Raises:
        BadMaterial: it is neither PDF, GLB nor STL, or broken. ModelNeedsMore, TooHeavy.
    """
    file = Path(source)
    with file.open("rb") as opened:
        head = opened.read(1024)
    if head[:4] == _GLB:
        return {"media_type": "model/gltf-binary", "parts": _glb(file)}
    if b"%PDF-" in head:
        return {"media_type": "application/pdf", "pages": _pages(source)}
    return {"media_type": "model/stl", "parts": _stl(file)}


def draw(source: str, number: int, target: str) -> None:
    """Draw page `number` (from 1) of a PDF into a PNG.

    Raises:
        BadMaterial: it cannot be drawn. NoSuchPage.
    """
    document = _opened(source)
    try:
        if not 1 <= number <= len(document):
            raise NoSuchPage(f"page {number} of {len(document)}")
        page = document[number - 1]
        width, height = page.get_size()
        if not (0 < width < 1e6 and 0 < height < 1e6):
            raise BadMaterial(f"page {number} measures {width} x {height}")
        scale = min(_LONGEST / max(width, height), 40.0)
        page.render(scale=scale, may_draw_forms=False).to_pil().save(target, "PNG")
    except pypdfium2.PdfiumError as error:
        raise BadMaterial(str(error)) from error
    finally:
        document.close()


def _opened(source: str) -> pypdfium2.PdfDocument:
    try:
        return pypdfium2.PdfDocument(source)
    except pypdfium2.PdfiumError as error:
        raise BadMaterial(str(error)) from error


def _pages(source: str) -> int:
    document = _opened(source)
    try:
        count = len(document)
    finally:
        document.close()
    if count == 0:
        raise BadMaterial("no pages")
    if count > MOST_PAGES:
        raise TooHeavy(f"{count} pages")
    return count


def _glb(file: Path) -> list[dict[str, str]]:
    size = file.stat().st_size
    with file.open("rb") as opened:
        head = opened.read(20)
        if len(head) < 20:
            raise BadMaterial("a GLB cut off")
        _, version, length, chunk, kind = struct.unpack("<4sIIII", head)
        if version != 2 or length > size or kind != _JSON or chunk > min(MOST_JSON, size):
            raise BadMaterial(f"a GLB of version {version}, {length} bytes, chunk {kind:08x}")
        text = opened.read(chunk)
    try:
        described = json.loads(text)
        return _parts(described)
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError) as error:
        raise BadMaterial(f"a GLB that makes no sense: {error}") from error


def _parts(gltf: dict[str, Any]) -> list[dict[str, str]]:
    """Return the nodes that have a mesh, in the order of the file; their ids are their places."""
    for needed in gltf.get("extensionsRequired", []):
        if not str(needed).startswith(_KNOWN):
            raise ModelNeedsMore(f"it needs {str(needed)[:60]}")
    for one in (*gltf.get("buffers", []), *gltf.get("images", [])):
        if "uri" in one:
            raise ModelNeedsMore(f"it names {str(one['uri'])[:60]}")
    nodes, meshes = gltf.get("nodes", []), gltf.get("meshes", [])
    accessors = gltf.get("accessors", [])
    parents = {child: at for at, node in enumerate(nodes) for child in node.get("children", [])}
    found, triangles = [], 0
    for at, node in enumerate(nodes):
        if "mesh" not in node:
            continue
        mesh = meshes[node["mesh"]]
        for primitive in mesh["primitives"]:
            counted = primitive.get("indices", primitive["attributes"]["POSITION"])
            triangles += int(accessors[counted]["count"]) // 3
        over = nodes[parents[at]] if at in parents else {}
        name = node.get("name") or mesh.get("name") or over.get("name") or ""
        found.append({"id": str(at), "name": " ".join(str(name).split())[:_UNNAMED]})
    if not found:
        raise BadMaterial("a GLB with nothing to see")
    if len(found) > MOST_PARTS or triangles > MOST_TRIANGLES:
        raise TooHeavy(f"{len(found)} parts, {triangles} triangles")
    return found


def _stl(file: Path) -> list[dict[str, str]]:
    size = file.stat().st_size
    with file.open("rb") as opened:
        head = opened.read(84)
        count = int.from_bytes(head[80:84], "little")
        if size < 84 or size != 84 + 50 * count:
            rest = opened.read(1024)
            if not head.lstrip().startswith(b"solid") or b"facet" not in head + rest:
                raise BadMaterial("neither PDF, GLB nor STL")
            count = size // 200  # bytes of a triangle in text, about
    if count == 0:
        raise BadMaterial("an STL without a triangle")
    if count > MOST_TRIANGLES:
        raise TooHeavy(f"{count} triangles")
    return [{"id": "0", "name": ""}]
