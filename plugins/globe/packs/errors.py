"""Why a content pack is not taken."""

from hub.errors import N_, HubError


class BadPack(HubError):
    """It is no whole content pack; the detail says what is wrong."""

    code = "globe-pack-bad"
    status = 422
    title = N_("This file is no whole content pack.")
    hint = N_(
        "Copy or download it once more; whoever made it checks it: classhub globe pack check."
    )


class PackUnsigned(HubError):
    """Its signature does not fit its content."""

    code = "globe-pack-signature"
    status = 422
    title = N_("The signature of this content pack is wrong.")
    hint = N_("Somebody has changed it on its way. Get it again from whoever made it.")


class PackStranger(HubError):
    """Nobody has said that its maker is trusted."""

    code = "globe-pack-stranger"
    status = 422
    title = N_("This content pack is of a maker that the hub does not know.")
    hint = N_("If you trust them, the lab engineer adds their key to pack_keys: {key}")


class PackOlder(HubError):
    """A newer one is installed, or the same."""

    code = "globe-pack-older"
    status = 409
    title = N_("This version of the content pack, or a newer one, is installed already.")
    hint = N_("To go back to the version before, choose Undo.")


class NothingBefore(HubError):
    """There is no version to go back to."""

    code = "globe-pack-no-earlier"
    status = 409
    title = N_("There is no earlier version of this content pack.")
    hint = N_("Remove the pack if you do not want it.")


class PackNotFetched(HubError):
    """It could not be fetched from its address."""

    code = "globe-pack-not-fetched"
    status = 502
    title = N_("The content pack could not be fetched.")
    hint = N_("Check the address and the internet, or bring the pack as a file.")
    retryable = True
