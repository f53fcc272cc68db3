"""What the routes take and answer."""

from typing import Annotated

from pydantic import AfterValidator, AwareDatetime, BaseModel, Field

from hub.clock import rfc3339
from hub.plugin import Body, Translator
from plugins.district.asking import COMMANDS
from plugins.district.hands.order import is_key
from plugins.district.hands.register import Asked, Key


def _public(text: str) -> str:
    if not is_key(text := text.strip().lower()):
        raise ValueError("it is no public key: 64 hexadecimal digits")
    return text


def _known(name: str) -> str:
    if name not in COMMANDS:
        raise ValueError(f"the hub can {', '.join(COMMANDS)}")
    return name


class CommandModel(BaseModel):
    """Something that the district can ask for."""

    name: str
    title: str
    plain: str = Field(description="What would happen.")


class KeyModel(BaseModel):
    """Whose signature is believed."""

    id: str
    name: str
    key: str = Field(description="The public key: 64 hexadecimal digits.")
    added: str


class AskedModel(BaseModel):
    """Something that the district has asked for."""

    id: str
    command: str
    title: str
    plain: str
    device: str | None
    device_name: str | None
    reason: str = Field(description="As whoever asks has written it.")
    signer: str
    key: str
    came: str
    expires: str
    changed: str
    state: str = Field(description="waiting, doing, done, failed, declined, expired or unknown.")
    agreed: str = Field(description="person, standing or empty.")
    code: str
    result: str = Field(description="What came of it, or what is wrong.")
    result_language: str = Field(description="That of `result`: the caller's, where it is known.")
    bundle: bool = Field(description="Whether its support bundle is here.")


class HandsModel(BaseModel):
    """What the district may have done here."""

    allowed: bool
    standing: list[str] = Field(description="Done without asking until `until`.")
    until: str | None
    commands: list[CommandModel]
    keys: list[KeyModel]
    waiting: list[AskedModel]
    earlier: list[AskedModel]
    time: str = Field(description="The hub's.")
    clock_wrong: bool
    unanswered: int = Field(description="That came too fast to be answered, since the start.")


class NewConsent(Body):
    """What is allowed."""

    allowed: bool
    standing: list[Annotated[str, AfterValidator(_known)]] = Field(
        [], max_length=len(COMMANDS), description="Done without asking until `until`."
    )
    until: AwareDatetime | None = Field(None, description="A day ahead at most.")


class NewKey(Body):
    """Somebody of the district whose signature shall be believed."""

    name: str = Field(min_length=1, max_length=80)
    key: Annotated[str, AfterValidator(_public)] = Field(max_length=100)


def key_model(one: Key) -> KeyModel:
    """Return a key as it is shown."""
    return KeyModel(id=one.id, name=one.name, key=one.public, added=rfc3339(one.added))


def asked_model(
    one: Asked, say: Translator, language: str, called: dict[str, str], kept: set[str]
) -> AskedModel:
    """Return an order in words of a language; `called`: devices by id, `kept`: bundles."""
    known = COMMANDS.get(one.command)
    result, spoken = one.said(language)
    return AskedModel(
        id=one.id,
        command=one.command,
        title=say.say(known.title, language) if known else one.command,
        plain=say.say(known.plain, language) if known else "",
        device=one.device or None,
        device_name=called.get(one.device),
        reason=one.reason,
        signer=one.signer,
        key=one.key,
        came=rfc3339(one.came),
        expires=rfc3339(one.expires),
        changed=rfc3339(one.changed),
        state=one.state,
        agreed=one.agreed,
        code=one.code,
        result=result,
        result_language=spoken,
        bundle=one.id in kept,
    )


def command_models(say: Translator, language: str) -> list[CommandModel]:
    """Return what can be asked for, in words of a language."""
    return [
        CommandModel(
            name=name,
            title=say.say(one.title, language),
            plain=say.say(one.plain, language),
        )
        for name, one in COMMANDS.items()
    ]
