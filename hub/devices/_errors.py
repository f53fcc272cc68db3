"""Why a device is not there, or is not changed as somebody wishes."""

from hub.device import DeviceError
from hub.errors import N_, Conflict, HubError, Invalid


class Unplugged(DeviceError):
    """The device that was adopted is not plugged in."""

    code = "unplugged"
    status = 503
    title = N_("The device is unplugged.")
    hint = N_("Plug it in again. If it is not found there, use the socket that it was in before.")
    retryable = True


class NotAnnounced(DeviceError):
    """The device that was adopted is not seen on the network."""

    code = "not-announced"
    status = 503
    title = N_("The device is not seen on the network.")
    hint = N_("Check that it is switched on and connected to the class network.")
    retryable = True


class WhichOne(DeviceError):
    """Several devices could be the one that was adopted; the hub does not guess."""

    code = "which-one"
    status = 503
    title = N_("Several devices look like this one.")
    hint = N_("Open the equipment page, find out which one it is, and choose it for this device.")


class SetInFile(Conflict):
    """The device is of the settings file, which people edit and the hub does not."""

    code = "set-in-file"
    title = N_("This device is set in the settings file.")
    hint = N_("Change it in {file} and start the hub again.")


class NotAdopted(Conflict):
    """The device is one that the hub was started with, and goes with it."""

    code = "not-adopted"
    title = N_("This device belongs to the virtual classroom.")
    hint = N_("It is there whenever the hub is started with it; adopt a device of your own.")


class AlreadyAdopted(Conflict):
    """The identity is that of a device which is in use already."""

    code = "already-adopted"
    title = N_("This device is in use already.")
    hint = N_("Open the device {device}, or remove it first.")


class NothingSearches(Conflict):
    """None of the drivers that are wanted can search."""

    code = "nothing-searches"
    title = N_("None of these drivers can search for devices.")
    hint = N_("Add the device by its address.")


class IdTaken(Conflict):
    """A device has this id already."""

    code = "id-taken"
    title = N_("Another device has this id already.")
    hint = N_("Choose another id, or leave it out.")


class TooManyDevices(Conflict):
    """More devices than the hub drives."""

    code = "too-many-devices"
    title = N_("There are too many devices.")
    hint = N_("Remove a device that is no longer used.")


class NoSuchDriver(Invalid):
    """No driver of this name is installed, or it cannot be used."""

    code = "no-such-driver"
    title = N_("No driver of this name can be used.")
    hint = N_("Choose one of the list of drivers, or install the package that brings it.")


class WrongDriver(Invalid):
    """The driver is for devices of another bus."""

    code = "wrong-driver"
    title = N_("This driver cannot drive what was found there.")
    hint = N_("Choose one of the drivers that are named beside it.")


class NothingTouched(HubError):
    """Nobody touched a device, or pulled it out and put it back, in time."""

    code = "nothing-touched"
    status = 408
    title = N_("No device was touched in time.")
    hint = N_("Begin again; where touching does not help, pull its cable out and put it back.")


class SeveralTouched(Conflict):
    """Several devices were touched at once."""

    code = "several-touched"
    title = N_("Several devices were touched at once.")
    hint = N_("Try again when the others have put down their pens, or choose your seat yourself.")


class NoCandidates(Conflict):
    """The driver does not look for anything, so nothing can be paired with it."""

    code = "no-candidates"
    title = N_("Devices of this kind are not found by themselves.")
    hint = N_("Add it by its address.")


class NotWritable(Conflict):
    """The property of this device can be read only."""

    code = "not-writable"
    title = N_("This cannot be set on this device.")
    hint = N_("It can only be looked at here.")
