"""Who may do what."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hub.device import Role
from hub.errors import Forbidden
from hub.rights import Access, OutOfScope, Principal, check, may, restrict

ROLES = st.sampled_from(list(Role))
IDS = st.sampled_from(["a", "b", "c"])
PRINCIPALS = st.builds(
    Principal,
    id=IDS,
    name=st.just("somebody"),
    role=ROLES,
    person=st.none() | IDS,
    lesson=st.none() | IDS,
    scope=st.none() | st.just("printing:send"),
)
ACCESS = st.builds(
    Access,
    role=ROLES,
    lesson=st.none() | IDS,
    persons=st.frozensets(IDS),
    private=st.booleans(),
    scope=st.none() | st.sampled_from(["printing:send", "x:other"]),
)


def somebody(role: Role, **more: object) -> Principal:
    return Principal(id="p", name="somebody", role=role, **more)


@settings(deadline=None)
@given(PRINCIPALS, ACCESS)
def test_nobody_may_below_the_role(principal: Principal, access: Access) -> None:
    if not principal.role.includes(access.role):
        assert not may(principal, access)


@settings(deadline=None)
@given(PRINCIPALS, ACCESS)
def test_a_higher_role_never_may_less(principal: Principal, access: Access) -> None:
    if may(principal, access):
        for role in Role:
            if role.includes(principal.role):
                raised = replace(principal, role=role)
                assert may(raised, access)


@settings(deadline=None)
@given(PRINCIPALS, ACCESS)
def test_restricting_never_gives_more(principal: Principal, access: Access) -> None:
    limited = restrict(principal)
    assert not limited.role.includes(Role.TEACHER)
    assert may(principal, access) or not may(limited, access)
    assert restrict(limited) == limited


def test_what_is_private_is_for_its_lesson_its_owner_and_teachers() -> None:
    access = Access(Role.PUPIL, lesson="biology", persons=frozenset({"aizhan"}), private=True)
    assert may(somebody(Role.PUPIL, lesson="biology"), access)
    assert may(somebody(Role.PUPIL, person="aizhan"), access)
    assert may(somebody(Role.TEACHER), access)
    assert not may(somebody(Role.PUPIL, lesson="chemistry", person="erlan"), access)
    assert not may(somebody(Role.DISPLAY, lesson="biology", person="aizhan"), access)


def test_no_lesson_is_not_the_same_lesson() -> None:
    access = Access(Role.PUPIL, lesson=None, persons=frozenset({"aizhan"}), private=True)
    assert not may(somebody(Role.PUPIL, lesson=None), access)


def test_a_program_owns_what_it_made_by_its_token() -> None:
    assert somebody(Role.PUPIL).owner == "p"
    assert somebody(Role.PUPIL, person="aizhan").owner == "aizhan"


def test_check_says_no_with_an_error() -> None:
    check(somebody(Role.ADMIN), Access(role=Role.ENGINEER))
    with pytest.raises(Forbidden):
        check(somebody(Role.PUPIL), Access(role=Role.TEACHER))


@settings(deadline=None)
@given(PRINCIPALS, ACCESS)
def test_who_is_limited_to_a_scope_may_never_more_and_only_what_names_it(
    principal: Principal, access: Access
) -> None:
    limited = replace(principal, scope="printing:send")
    assert may(replace(principal, scope=None), access) or not may(limited, access)
    assert access.scope == "printing:send" or not may(limited, access)
    assert may(limited, replace(access, scope="printing:send")) == may(
        replace(principal, scope=None), access
    )


def test_who_is_limited_to_a_scope_is_told_so() -> None:
    key = somebody(Role.PUPIL, scope="printing:send")
    check(key, Access(role=Role.PUPIL, scope="printing:send"))
    with pytest.raises(OutOfScope):
        check(key, Access())
