"""How a virtual panel misbehaves on command: all of it was seen of real ones."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

Seconds = Field(0.0, ge=0, le=600, allow_inf_nan=False)


class Faults(BaseModel):
    """What goes wrong.

    Attributes:
        zero: it greets with a zero byte.
        once: one answer in a connection: then it hangs up, or is silent in it.
        slow: seconds before each answer.
        idle: seconds of silence after which it hangs up; 0 never.
        warming: while it warms up or cools down it refuses, is silent, or hangs up.
        stray: it answers the question before once more, then this one.
        late: seconds by which the next answer comes too late, once.
        garble: it says noise before each answer.
        deaf: it takes connections and answers nothing.
        small: it answers in small letters.
    """

    model_config = ConfigDict(extra="forbid")

    zero: bool = False
    once: Literal["", "close", "silent"] = ""
    slow: float = Seconds
    idle: float = Field(30.0, ge=0, le=600, allow_inf_nan=False)
    warming: Literal["refuse", "silent", "close"] = "refuse"
    stray: bool = False
    late: float = Seconds
    garble: bool = False
    deaf: bool = False
    small: bool = False
