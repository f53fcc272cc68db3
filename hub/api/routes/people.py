"""People and groups."""

from typing import Annotated, Any

from fastapi import Query, Response
from pydantic import Field

from hub.api.context import TheHub
from hub.api.models import (
    Body,
    GroupModel,
    Id,
    IdField,
    PersonModel,
    group_model,
    person_model,
)
from hub.api.paging import Page, Pages
from hub.api.routing import PREFIX, Router, problems
from hub.api.security import Requires
from hub.device import Role
from hub.errors import Forbidden
from hub.rights import Access, Principal, check

router = Router(prefix=PREFIX, tags=["People"])


class NewPerson(Body):
    """Somebody; a nickname is enough."""

    name: str = Field(min_length=1, max_length=200, examples=["Aizhan"])
    role: Role = Role.PUPIL
    group: IdField | None = None


class EditPerson(Body):
    """What shall change."""

    name: str | None = Field(default=None, min_length=1, max_length=200)
    role: Role | None = None


class NewGroup(Body):
    """A class or a circle."""

    name: str = Field(min_length=1, max_length=200, examples=["7 B"])


def _up_to(caller: Principal, role: Role) -> None:
    if not caller.role.includes(role):
        raise Forbidden(f"a {caller.role} cannot deal with a {role}")


@router.get(
    "/people",
    operation_id="listPeople",
    summary="People of the school",
    response_model=Page[PersonModel],
    dependencies=[Requires(Role.TEACHER)],
)
async def people(
    hub: TheHub,
    pages: Pages,
    role: Annotated[Role | None, Query(description="Only those of this role.")] = None,
    group: Annotated[str | None, Query(max_length=64, description="Only of this group.")] = None,
) -> dict[str, Any]:
    """Everybody who is known, in the order in which they came."""
    found = await hub.school.people(role=role, group=group, cursor=pages.cursor, limit=pages.limit)
    return {"items": [person_model(person) for person in found.items], "next": found.next}


@router.post(
    "/people",
    operation_id="createPerson",
    summary="Add somebody",
    status_code=201,
    response_model=PersonModel,
    responses=problems(404),
)
async def create_person(
    hub: TheHub,
    response: Response,
    caller: Annotated[Principal, Requires(Role.TEACHER)],
    body: NewPerson,
) -> dict[str, Any]:
    """Add somebody; nobody adds people of a higher role than their own."""
    _up_to(caller, body.role)
    person = await hub.school.create_person(body.name, body.role, group=body.group)
    response.headers["Location"] = f"/api/v1/people/{person.id}"
    return person_model(person)


@router.get(
    "/people/{person}",
    operation_id="getPerson",
    summary="One person",
    response_model=PersonModel,
)
async def person(
    hub: TheHub, person: Id, caller: Annotated[Principal, Requires(Role.PUPIL)]
) -> dict[str, Any]:
    """Teachers see everybody, others themselves."""
    check(caller, Access(Role.PUPIL, persons=frozenset({person}), private=True))
    return person_model(await hub.school.person(person))


@router.patch(
    "/people/{person}",
    operation_id="editPerson",
    summary="Rename somebody or change their role",
    response_model=PersonModel,
    responses=problems(409),
)
async def edit_person(
    hub: TheHub,
    person: Id,
    caller: Annotated[Principal, Requires(Role.TEACHER)],
    body: EditPerson,
) -> dict[str, Any]:
    """Fields that are left out stay as they are."""
    known = await hub.school.person(person)
    _up_to(caller, known.role)
    if body.role is not None:
        _up_to(caller, body.role)
    edited = await hub.school.edit_person(person, name=body.name, role=body.role, by=caller)
    return person_model(edited)


@router.delete(
    "/people/{person}",
    operation_id="erasePerson",
    summary="Erase somebody",
    status_code=204,
    responses=problems(409),
)
async def erase_person(
    hub: TheHub, person: Id, caller: Annotated[Principal, Requires(Role.TEACHER)]
) -> None:
    """The name is gone everywhere; what they made stays, without it."""
    known = await hub.school.person(person)
    _up_to(caller, known.role)
    await hub.school.erase_person(person, by=caller)


@router.get(
    "/groups",
    operation_id="listGroups",
    summary="Groups",
    response_model=Page[GroupModel],
    dependencies=[Requires(Role.TEACHER)],
)
async def groups(hub: TheHub, pages: Pages) -> dict[str, Any]:
    """Classes and circles of pupils."""
    found = await hub.school.groups(cursor=pages.cursor, limit=pages.limit)
    return {"items": [group_model(group) for group in found.items], "next": found.next}


@router.post(
    "/groups",
    operation_id="createGroup",
    summary="Add a group",
    status_code=201,
    response_model=GroupModel,
    responses=problems(409),
    dependencies=[Requires(Role.TEACHER)],
)
async def create_group(hub: TheHub, body: NewGroup) -> dict[str, Any]:
    """Add a class or a circle of pupils."""
    return group_model(await hub.school.create_group(body.name))
