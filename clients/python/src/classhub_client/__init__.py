"""Client of the classroom device hub: typed, sync (`Client`) and async (`AsyncClient`)."""

from classhub_client._assets import AsyncAssets
from classhub_client._client import AsyncClient
from classhub_client._devices import AsyncDevice, AsyncDevices
from classhub_client._lessons import AsyncLessons
from classhub_client._live import Frames, Messages
from classhub_client._operations import AsyncOperation
from classhub_client._sync import (
    Assets,
    Blocking,
    Client,
    Device,
    Devices,
    Following,
    Lessons,
    Operation,
)
from classhub_client.errors import (
    ClientError,
    Conflict,
    FieldError,
    Forbidden,
    FrameGone,
    HubUnreachable,
    Invalid,
    NoAnswer,
    NotAHub,
    NotFound,
    NotSignedIn,
    OperationEnded,
    ProblemError,
    Superseded,
    TooMany,
)
from classhub_client.models import (
    Asset,
    Change,
    DeviceInfo,
    Event,
    Frame,
    HubInfo,
    Lesson,
    Message,
    OperationState,
    Problem,
    Reading,
    State,
)

__version__ = "0.1.0"

__all__ = [
    "Asset",
    "Assets",
    "AsyncAssets",
    "AsyncClient",
    "AsyncDevice",
    "AsyncDevices",
    "AsyncLessons",
    "AsyncOperation",
    "Blocking",
    "Change",
    "Client",
    "ClientError",
    "Conflict",
    "Device",
    "DeviceInfo",
    "Devices",
    "Event",
    "FieldError",
    "Following",
    "Forbidden",
    "Frame",
    "FrameGone",
    "Frames",
    "HubInfo",
    "HubUnreachable",
    "Invalid",
    "Lesson",
    "Lessons",
    "Message",
    "Messages",
    "NoAnswer",
    "NotAHub",
    "NotFound",
    "NotSignedIn",
    "Operation",
    "OperationEnded",
    "OperationState",
    "Problem",
    "ProblemError",
    "Reading",
    "State",
    "Superseded",
    "TooMany",
]
