"""What can go wrong with an export. Also raised in workers, so nothing heavy is imported here."""

from hub.errors import N_, HubError


class NothingToExport(HubError):
    """None of what was chosen can be exported in this format, or it is gone."""

    code = "nothing-to-export"
    status = 409
    title = N_("There is nothing to take along.")
    hint = N_("Choose pictures that are still in the album; clips go as ZIP or ready to upload.")


class TooManyPictures(HubError):
    """More was chosen than goes into one export."""

    code = "too-many-pictures"
    status = 413
    title = N_("These are too many pictures for one file.")
    hint = N_("Choose fewer pictures, and make several files.")


class ExportFull(HubError):
    """The disk is full; nothing is left of the export."""

    code = "storage-full"
    status = 507
    title = N_("The hub's disk is full.")
    hint = N_("Delete what is not needed any more, or ask the lab engineer for room.")


class ExportGone(HubError):
    """The file was made for some time only."""

    code = "export-gone"
    status = 410
    title = N_("This file is not kept any more.")
    hint = N_("Make it again: the pictures are still in the album.")


class UnknownPreset(HubError):
    """No such platform is known to the settings."""

    code = "unknown-preset"
    status = 422
    title = N_("The hub knows no such platform.")
    hint = N_("Choose one of the list, or add it to the settings.")
