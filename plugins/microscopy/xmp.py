"""XMP (ISO 16684-1) of a capture: the same facts as in EXIF, and what EXIF has no words for."""

from plugins.microscopy.facts import NAME_BYTES, NOTE_BYTES, Facts, plain
from plugins.microscopy.jpeg import APP1, XMP, segment

NAMESPACE = "urn:classhub:microscopy:1#"
"""Of our own properties; it never changes its meaning, a later version gets another number."""

_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})

_PACKET = """\
<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF\
 xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""\
 xmlns:dc="http://purl.org/dc/elements/1.1/"\
 xmlns:xmp="http://ns.adobe.com/xap/1.0/"\
 xmlns:exif="http://ns.adobe.com/exif/1.0/"\
 xmlns:tiff="http://ns.adobe.com/tiff/1.0/"\
 xmlns:classhub="{namespace}">
{properties}
</rdf:Description></rdf:RDF></x:xmpmeta>
<?xpacket end="r"?>"""


def _escaped(text: str, limit: int = NAME_BYTES) -> str:
    return plain(text, limit).translate(_ESCAPES)


def _simple(name: str, value: object) -> str:
    text = "" if value is None else _escaped(str(value))
    return f"<{name}>{text}</{name}>" if text else ""


def _default_language(name: str, text: str, limit: int = NAME_BYTES) -> str:
    escaped = _escaped(text, limit)
    if not escaped:
        return ""
    inner = f'<rdf:li xml:lang="x-default">{escaped}</rdf:li>'
    return f"<{name}><rdf:Alt>{inner}</rdf:Alt></{name}>"


def _sequence(name: str, text: str) -> str:
    escaped = _escaped(text)
    return f"<{name}><rdf:Seq><rdf:li>{escaped}</rdf:li></rdf:Seq></{name}>" if escaped else ""


def xmp(facts: Facts) -> bytes:
    """Return the APP1 segment that describes a capture in XMP."""
    taken = facts.taken.isoformat(timespec="milliseconds")
    properties = [
        _default_language("dc:title", facts.title),
        _sequence("dc:creator", facts.author),
        _default_language("dc:description", facts.note, NOTE_BYTES),
        _simple("dc:format", "image/jpeg"),
        _simple("xmp:CreateDate", taken),
        _simple("xmp:CreatorTool", facts.software),
        _simple("exif:DateTimeOriginal", taken),
        _simple("exif:ImageUniqueID", facts.unique_id),
        _simple("tiff:Make", facts.make),
        _simple("tiff:Model", facts.model or facts.device_name),
        _simple("classhub:Device", facts.device),
        _simple("classhub:DeviceName", facts.device_name),
        _simple("classhub:Frame", facts.frame),
        _simple("classhub:FrameSha256", facts.frame_sha256),
        _simple("classhub:Lesson", facts.lesson),
        _simple("classhub:LessonTitle", facts.lesson_title),
        _simple("classhub:Objective", facts.objective),
        _simple("classhub:MicrometresPerPixel", facts.scale),
        _simple("classhub:FocusMicrometres", facts.focus),
    ]
    packet = _PACKET.format(namespace=NAMESPACE, properties="\n".join(filter(None, properties)))
    return segment(APP1, XMP + packet.encode())
