"""The plugin as the hub loads it."""

from pathlib import Path
from types import MappingProxyType

from hub.plugin import N_, KernelModule, Plugin, PluginHub
from plugins.virtualcamera.routes import make_router
from plugins.virtualcamera.service import VirtualCameras
from plugins.virtualcamera.settings import VirtualCameraSettings

HERE = Path(__file__).parent


class VirtualCameraPlugin(Plugin):
    """A microscope as a camera of the hub's computer, for as long as a teacher wants it."""

    id = "virtualcamera"
    title = N_("Camera for video calls")
    web = HERE / "web" / "dist"
    locale = HERE / "locale"
    modules = (
        KernelModule(
            "v4l2loopback",
            "the microscope as a camera for video calls in the browser",
            "sudo apt install v4l2loopback-dkms linux-headers-amd64 &&"
            " sudo ./install.sh --virtual-camera",
        ),
    )
    audited = MappingProxyType(
        {
            "virtualcamera.on": N_("showed a microscope to video calls"),
            "virtualcamera.off": N_("took a microscope out of video calls"),
        }
    )

    def __init__(self, hub: PluginHub) -> None:
        super().__init__(hub)
        settings = VirtualCameraSettings.model_validate(dict(hub.settings))
        self._cameras = VirtualCameras(hub, settings)
        self.router = make_router(self._cameras, hub.devices, hub.say)

    async def start(self) -> None:
        """Say which virtual cameras there are; none is on."""
        await self._cameras.start()

    async def stop(self) -> None:
        """Take them away."""
        await self._cameras.stop()
