"""The file of a content pack: a zip of `pack.toml`, the media that it names, and `pack.sig`.

Nothing is ever unpacked: members are read where they are. `pack.sig` is JSON: `key` (the maker's
Ed25519 public key, hex) and `signature` (hex) over a list of all other members, one a line in the
order of their names: SHA-256, two spaces, name (RFC 8032 for the signature).
"""

import datetime as dt
import hashlib
import json
import re
import tomllib
import zipfile
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path, PurePosixPath
from typing import Annotated

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from plugins.globe.maps.file import PlaceId
from plugins.globe.packs.errors import BadPack, PackUnsigned

SAYS, SIGNATURE = "pack.toml", "pack.sig"
MOST_FILE = 64 << 20
MOST_MEMBERS = 500
MOST_WHOLE = 128 << 20
MOST_SAYS = 1 << 20
MEDIA = {
    ".jpg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
    ".ogg": "audio/ogg",
    ".mp3": "audio/mpeg",
    ".wav": "audio/wav",
}
_STARTS = {
    ".jpg": b"\xff\xd8\xff",
    ".png": b"\x89PNG",
    ".webp": b"RIFF",
    ".ogg": b"OggS",
    ".wav": b"RIFF",
}
MEMBER = r"^[a-z0-9][a-z0-9_-]{0,60}\.(jpg|png|webp|ogg|mp3|wav)$"
KEY = r"^[0-9a-f]{64}$"

Member = Annotated[str, Field(pattern=MEMBER)]
Text = Annotated[str, Field(min_length=1, max_length=1200)]


class CardKind(StrEnum):
    """What a card is about."""

    LANDMARK = "landmark"
    ANIMAL = "animal"
    BIRD = "bird"
    FISH = "fish"
    DINOSAUR = "dinosaur"
    HISTORY = "history"
    ART = "art"
    ANTHEM = "anthem"
    OTHER = "other"


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Said(_Strict):
    """The same in three languages; none may be left out."""

    kk: Text
    ru: Text
    en: Text


class Card(_Strict):
    """A card about a place.

    Attributes:
        place: of the atlas. kind: what it is about. title, text: to read and to hear.
        picture, sound: members of the pack. source, date: where its facts are from, and of when.
    """

    place: PlaceId
    kind: CardKind
    title: Said
    text: Said
    picture: Member | None = None
    sound: Member | None = None
    source: Annotated[str, Field(min_length=1, max_length=300)]
    date: dt.date


class PackSays(_Strict):
    """What `pack.toml` says."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,39}$")]
    version: int = Field(ge=1, le=10**6)
    title: Said
    licence: Annotated[str, Field(min_length=1, max_length=100)]
    date: dt.date
    cards: tuple[Card, ...] = Field(min_length=1, max_length=1000)


@dataclass(frozen=True, slots=True)
class Pack:
    """A pack that was checked: what it says, where it is, and whose key has signed it."""

    says: PackSays
    path: Path
    key: str


def read_pack(path: Path) -> Pack:
    """Check a file whole and return the pack. Blocking.

    Raises:
        BadPack: it is none, is not complete, or has members that it may not have.
        PackUnsigned: its signature does not fit.
    """
    if path.stat().st_size > MOST_FILE:
        raise BadPack(f"it has more than {MOST_FILE >> 20} MiB")
    try:
        with zipfile.ZipFile(path) as archive:
            digests = _digests(archive)
            says = _says(archive)
            key = _signed(archive.read(SIGNATURE), digests)
    except (zipfile.BadZipFile, EOFError, NotImplementedError, RuntimeError, OSError) as error:
        raise BadPack(f"it cannot be read: {str(error)[:200]}") from None
    named = {name for card in says.cards for name in (card.picture, card.sound) if name}
    if missing := named - digests.keys():
        raise BadPack(f"{min(missing)}: pack.toml names it, and it is not there")
    if spare := digests.keys() - named - {SAYS}:
        raise BadPack(f"{min(spare)}: no card names it")
    return Pack(says, path, key)


def make_pack(folder: Path, into: Path, private: bytes) -> Pack:
    """Make and sign a pack of a folder; returns it as it was read again. Raises as `read_pack`."""
    members = sorted(one for one in folder.iterdir() if one.is_file() and one.name != SIGNATURE)
    digests = {one.name: hashlib.sha256(one.read_bytes()).hexdigest() for one in members}
    key = Ed25519PrivateKey.from_private_bytes(private)
    signature = {
        "key": key.public_key().public_bytes_raw().hex(),
        "signature": key.sign(_listed(digests)).hex(),
    }
    part = into.with_name(f"{into.name}.part")
    try:
        with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as archive:
            for one in members:
                archive.write(one, one.name)
            archive.writestr(SIGNATURE, json.dumps(signature))
        read_pack(part)
        part.replace(into)
    finally:
        part.unlink(missing_ok=True)
    return read_pack(into)


def _digests(archive: zipfile.ZipFile) -> dict[str, str]:
    """Return the digest of each member but the signature; refuse what may not be in a pack."""
    members = archive.infolist()
    names = [one.filename for one in members]
    if len(members) > MOST_MEMBERS or sum(one.file_size for one in members) > MOST_WHOLE:
        raise BadPack("it is too large unpacked")
    if len(set(names)) != len(names):
        raise BadPack("a name is in it twice")
    for wanted in (SAYS, SIGNATURE):
        if wanted not in names:
            raise BadPack(f"{wanted} is missing")
    digests = {}
    for one in members:
        if one.filename == SIGNATURE:
            continue
        if one.filename != SAYS and not re.match(MEMBER, one.filename):
            raise BadPack(f"{one.filename!r} is no name for a file of a pack")
        content = archive.read(one)
        start = _STARTS.get(PurePosixPath(one.filename).suffix, b"")
        if not content.startswith(start):
            raise BadPack(f"{one.filename} is not what its name says")
        digests[one.filename] = hashlib.sha256(content).hexdigest()
    return digests


def _says(archive: zipfile.ZipFile) -> PackSays:
    if archive.getinfo(SAYS).file_size > MOST_SAYS:
        raise BadPack(f"{SAYS} is too large")
    try:
        return PackSays.model_validate(tomllib.loads(archive.read(SAYS).decode()))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise BadPack(f"{SAYS}: {str(error)[:200]}") from None
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = ".".join(str(part) for part in first["loc"])[:100]
        raise BadPack(f"{SAYS}: {where}: {first['msg']}") from None


def _signed(signature: bytes, digests: dict[str, str]) -> str:
    """Return the key that signed these members."""
    try:
        said = json.loads(signature)
        key, signed = bytes.fromhex(said["key"]), bytes.fromhex(said["signature"])
        Ed25519PublicKey.from_public_bytes(key).verify(signed, _listed(digests))
    except InvalidSignature:
        raise PackUnsigned("its members are not those that were signed") from None
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise PackUnsigned(f"{SIGNATURE} makes no sense: {type(error).__name__}") from None
    return key.hex()


def _listed(digests: dict[str, str]) -> bytes:
    return "".join(f"{digest}  {name}\n" for name, digest in sorted(digests.items())).encode()
