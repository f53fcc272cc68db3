"""The protocols of OctoPrint and PrusaLink, as far as slicers speak them.

Sources: OctoPrint 1.11 REST API (https://docs.octoprint.org/en/1.11.x/api/), PrusaLink's OpenAPI
(https://github.com/prusa3d/Prusa-Link-Web/blob/master/spec/openapi.yaml); what is sent and looked
at: PrusaSlicer 2.9 and OrcaSlicer 2.3 `src/slic3r/Utils/OctoPrint.cpp`, Cura's OctoPrint plugin 3.7
`OctoPrintOutputDevice.py`.

An API key is a token of the hub, mostly one that is good for nothing else (`keys`). A file that
comes is a job of whoever the token is; it waits for the teacher's approval, also where the slicer
asks to print at once: there is nothing in here that starts a print.
"""

from collections.abc import Callable
from typing import Annotated, Any
from urllib.parse import quote

from fastapi import Path, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.datastructures import UploadFile

from drivers.printer.contract import Printer
from hub.errors import NotFound
from hub.plugin import (
    N_,
    UPLOAD,
    DeviceHandle,
    HubError,
    PluginHub,
    Principal,
    Requires,
    Role,
    Router,
)
from plugins.printing.jobs.job import Job
from plugins.printing.jobs.service import Jobs
from plugins.printing.uploads import answers
from plugins.printing.uploads.keys import SENDING

LARGEST = 256 << 20
ROOTS = ("/api", "/api/to/{printer}/api")
"""Where the protocols stand: for any printer that fits, and for a certain one."""

Sender = Annotated[Principal, Requires(Role.PUPIL, keys=True, scope=SENDING)]
Place = Annotated[str, Path(pattern=r"^(local|sdcard|usb|hub)$")]
_TRUE = frozenset({"true", "yes", "y", "1", "?1"})


class Held(HubError):
    """A slicer asks to print what waits for approval."""

    code = "held-for-approval"
    status = 409
    title = N_("Nothing is printed before the teacher has approved it.")
    hint = N_("The file is with the hub. The teacher sees it among the jobs that wait.")


class NoPath(HubError):
    """A name that leads out of the folder, or is none."""

    code = "bad-file-name"
    status = 400
    title = N_("This is no name for a file.")
    hint = N_("Give the file a simple name, such as cube.gcode.")


def make_protocols(hub: PluginHub, jobs: Jobs) -> dict[str, Router]:
    """Return the routers by their roots; what they receive goes to `jobs`."""
    router = Router()
    _looks(router, hub)
    _sends(router, hub, jobs)
    _prusalink(router, hub, jobs)
    return dict.fromkeys(ROOTS, router)


def _looks(router: Router, hub: PluginHub) -> None:
    """OctoPrint: what slicers look at."""

    @router.get("/version")
    async def version(request: Request, _caller: Sender) -> dict[str, Any]:
        _meant(hub, request)
        return answers.version()

    @router.get("/server")
    async def server(request: Request, _caller: Sender) -> dict[str, Any]:
        _meant(hub, request)
        return {"version": answers.VERSION, "safemode": None}

    def state_of(make: Callable[[answers.Readings], Any]) -> Callable[..., Any]:
        async def state(request: Request, _caller: Sender) -> Any:
            return make(answers.readings(_meant(hub, request)))

        return state

    router.get("/printer")(state_of(answers.printer))
    router.get("/job")(state_of(answers.job))

    @router.get("/settings")
    async def settings(request: Request, _caller: Sender) -> dict[str, Any]:
        return answers.settings(_name(_meant(hub, request)))

    @router.get("/printerprofiles")
    async def profiles(request: Request, _caller: Sender) -> dict[str, Any]:
        printer = _meant(hub, request)
        return answers.profiles(_name(printer), answers.readings(printer))

    @router.get("/files")
    @router.get("/files/{place}")
    async def files(request: Request, _caller: Sender) -> dict[str, Any]:
        _meant(hub, request)
        return {"files": []}


def _sends(router: Router, hub: PluginHub, jobs: Jobs) -> None:
    """OctoPrint: the file, and what slicers want done with it."""

    @router.post("/files/{place}", status_code=201, openapi_extra=FORM)
    async def upload(place: Place, request: Request, caller: Sender) -> Response:
        printer = _meant(hub, request)
        async with hub.uploads.receive(request, caller) as sent:
            file = sent.form.get("file")
            if not isinstance(file, UploadFile):
                missing = {"type": "missing", "loc": ("body", "file"), "msg": "A file is needed."}
                raise RequestValidationError([{**missing, "input": None}])
            name = _base(file.filename or "")
            job = await jobs.receive(
                sent.path, name=name, by=caller, printer=_id(printer), origin="octoprint"
            )
            wished = {key: _says_yes(sent.form.get(key)) for key in ("print", "select")}
        return _taken(request, job, name, place, wished)

    @router.get("/files/{place}/{job}/{name}")
    async def file(place: Place, job: str, request: Request, caller: Sender) -> dict[str, Any]:
        _meant(hub, request)
        found = await jobs.get(job, by=caller, scope=SENDING)
        return _file(request, found, _base(request.path_params["name"]), place)

    @router.post("/files/{place}/{job}/{name}")
    async def command(place: Place, job: str, request: Request, caller: Sender) -> None:  # noqa: ARG001
        await jobs.get(job, by=caller, scope=SENDING)
        raise Held(f"job {job}")

    @router.post("/job")
    async def job_command(request: Request, _caller: Sender) -> None:
        _meant(hub, request)
        raise Held("the job of a printer is steered on the hub's page")


def _prusalink(router: Router, hub: PluginHub, jobs: Jobs) -> None:
    """PrusaLink: the same, where a file comes by PUT."""

    @router.get("/v1/info")
    async def info(request: Request, _caller: Sender) -> dict[str, Any]:
        printer = _meant(hub, request)
        return answers.info(_name(printer), answers.readings(printer))

    @router.get("/v1/status")
    async def status(request: Request, _caller: Sender) -> dict[str, Any]:
        return answers.status(answers.readings(_meant(hub, request)))

    @router.get("/v1/job", status_code=204)
    async def job(request: Request, _caller: Sender) -> None:
        _meant(hub, request)

    @router.get("/v1/storage")
    async def storage(request: Request, _caller: Sender) -> dict[str, Any]:
        _meant(hub, request)
        return answers.storages()

    @router.put("/v1/files/{place}/{name:path}", status_code=201, openapi_extra=PLAIN)
    async def put(place: Place, name: str, request: Request, caller: Sender) -> Response:
        printer = _meant(hub, request)
        name = _base(name)
        async with hub.uploads.receive_plain(request, caller) as path:
            job = await jobs.receive(
                path, name=name, by=caller, printer=_id(printer), origin="prusalink"
            )
        wished = {"print": _says_yes(request.headers.get("print-after-upload"))}
        return _taken(request, job, name, place, wished)


def _meant(hub: PluginHub, request: Request) -> DeviceHandle | None:
    """Return the printer that the address names, None where it names none.

    Raises:
        NotFound: there is no such printer.
    """
    named = request.path_params.get("printer")
    if named is None:
        return None
    device = hub.devices.get(named)
    if device.kind != Printer.kind:
        raise NotFound(f"{named} is no printer")
    return device


def _id(printer: DeviceHandle | None) -> str | None:
    return None if printer is None else printer.id


def _name(printer: DeviceHandle | None) -> str:
    return "Classroom hub" if printer is None else printer.name


def _says_yes(value: Any) -> bool:
    return isinstance(value, str) and value.strip().lower() in _TRUE


def _base(name: str) -> str:
    """Return a name without folders. Raises `NoPath`."""
    base = name.replace("\\", "/").rsplit("/", maxsplit=1)[-1].strip()
    if base in ("", ".", ".."):
        raise NoPath(repr(name[:100]))
    return base


def _file(request: Request, job: Job, name: str, place: str) -> dict[str, Any]:
    root = str(request.url).split("/files/", 1)[0].removesuffix("/v1")
    resource = f"{root}/files/{place}/{job.id}/{quote(name)}"
    return {
        "name": name,
        "display": name,
        "path": f"{job.id}/{name}",
        "origin": place,
        "type": "machinecode",
        "typePath": ["machinecode", "gcode"],
        "refs": {"resource": resource},
    }


def _taken(
    request: Request, job: Job, name: str, place: str, wished: dict[str, bool]
) -> JSONResponse:
    """Say that the file is there, and what of the slicer's wishes came true: nothing."""
    file = _file(request, job, name, place)
    told: dict[str, Any] = {"done": True, "files": {place: file}, **_v1(job, name)}
    told |= {f"effective{key.capitalize()}": False for key in ("print", "select")}
    if wished.get("print"):
        told["message"] = "Held for the teacher's approval."
    return JSONResponse(told, status_code=201, headers={"Location": file["refs"]["resource"]})


def _v1(job: Job, name: str) -> dict[str, Any]:
    return {"name": name, "job": job.id, "state": str(job.state)}


FORM: dict[str, Any] = {
    UPLOAD: LARGEST,
    "requestBody": {
        "required": True,
        "content": {"multipart/form-data": {"schema": {"type": "object"}}},
    },
}
PLAIN: dict[str, Any] = {
    UPLOAD: LARGEST,
    "requestBody": {
        "required": True,
        "content": {
            kind: {"schema": {"type": "string", "format": "binary"}}
            for kind in ("application/octet-stream", "text/x.gcode", "application/gcode+binary")
        },
    },
}
