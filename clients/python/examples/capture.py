"""Keep what the microscope shows, and save the picture beside this program."""

from classhub_client import Client

with Client.from_environment() as hub:
    microscope = hub.devices.first("microscope")
    asset = hub.capture(microscope, note="Onion skin, iodine")
    path = hub.assets.download(asset, "capture.jpg")
    print(f"{asset.title}: {asset.width} x {asset.height} pixels in {path}")
