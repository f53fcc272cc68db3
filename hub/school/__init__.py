"""People, groups, seats, lessons, and who is signed in. See `School`."""

from hub.school._accounts import BrokerAccount, broker_hash
from hub.school._errors import BadName, LessonEnded, SeatTaken, WrongCode
from hub.school._names import clean_name, clean_text
from hub.school._school import School
from hub.school._seating import clean_seat
from hub.school._values import Group, Lesson, Person, Seat, SignIn, Task, Token

__all__ = [
    "BadName",
    "BrokerAccount",
    "Group",
    "Lesson",
    "LessonEnded",
    "Person",
    "School",
    "Seat",
    "SeatTaken",
    "SignIn",
    "Task",
    "Token",
    "WrongCode",
    "broker_hash",
    "clean_name",
    "clean_seat",
    "clean_text",
]
