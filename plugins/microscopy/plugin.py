"""The plugin as the hub loads it."""

from pathlib import Path
from types import MappingProxyType

from hub.plugin import N_, Plugin, PluginHub, Program
from plugins.microscopy.button import CaptureButtons
from plugins.microscopy.calibration import Calibrations
from plugins.microscopy.calibration import make_router as make_calibration_router
from plugins.microscopy.captures import Captures
from plugins.microscopy.exporting import Exports
from plugins.microscopy.exporting import make_router as make_exporting_router
from plugins.microscopy.film.routes import make_router as make_film_router
from plugins.microscopy.film.service import Films
from plugins.microscopy.measuring import Layers, OnScreen
from plugins.microscopy.measuring import make_router as make_measuring_router
from plugins.microscopy.processing import (
    CountedObjects,
    EmptyFields,
    LiveScores,
    Processing,
    make_field_router,
)
from plugins.microscopy.processing import make_router as make_processing_router
from plugins.microscopy.routes import make_router
from plugins.microscopy.series import Encoder, SeriesService
from plugins.microscopy.series import make_router as make_series_router
from plugins.microscopy.tables import MIGRATIONS

HERE = Path(__file__).parent


class MicroscopyPlugin(Plugin):
    """Microscopes: live view, captures with their scale, the button on the microscope.

    Publishes `x/microscopy/<device>/captured` to those who may see the picture,
    `x/microscopy/<device>/series` what is being recorded, `x/microscopy/<device>/scale` what gives
    its pictures their scale (retained),
    `x/microscopy/annotations/<asset>` when what is drawn on one has changed, and
    `x/microscopy/<device>/not-captured` where the button on a microscope could keep none.
    """

    id = "microscopy"
    title = N_("Microscopy")
    migrations = MIGRATIONS
    web = HERE / "web" / "dist"
    locale = HERE / "locale"
    programs = (Program("espeak-ng", "espeak-ng", "spoken films"),)
    audited = MappingProxyType(
        {
            "annotation.change": N_("changed what is drawn on a picture"),
            "calibration.add": N_("calibrated a microscope"),
            "calibration.remove": N_("took a calibration away"),
            "objectives.change": N_("changed a microscope's objectives"),
        }
    )

    def __init__(self, hub: PluginHub) -> None:
        super().__init__(hub)
        self._calibrations = Calibrations(hub)
        self._captures = Captures(hub, self._calibrations.optics)
        self._buttons: CaptureButtons | None = None
        self._encoder = Encoder()
        counted = CountedObjects(hub)
        fields = EmptyFields(hub, self._captures)
        processing, scores = Processing(hub, counted, fields), LiveScores(hub, self._captures)
        self._series = SeriesService(hub, self._captures, self._encoder, processing)
        self._films = Films(hub, self._captures, self._encoder)
        self.router = make_router(self._captures)
        self.router.include_router(make_calibration_router(self._calibrations))
        self.router.include_router(make_series_router(self._series))
        self.router.include_router(make_film_router(self._films))
        self.router.include_router(make_processing_router(hub, processing, counted, scores))
        self.router.include_router(make_field_router(fields))
        layers = Layers(hub)
        self._exports = Exports(hub, layers)
        self.router.include_router(make_measuring_router(layers, OnScreen(hub, layers)))
        self.router.include_router(make_exporting_router(self._exports))

    async def start(self) -> None:
        """Listen to the microscopes' buttons; go on with series that a restart interrupted."""
        await self._calibrations.start()
        self._buttons = CaptureButtons(self._captures, self.hub)
        await self._films.start()
        await self._series.start()
        await self._exports.start()

    async def stop(self) -> None:
        """Listen no more; series under way are left for the next start."""
        self._series.close()
        await self._exports.stop()
        self._calibrations.close()
        if self._buttons is not None:
            await self._buttons.close()
