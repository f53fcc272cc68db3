"""Save five pictures of the live view, a second apart, and count the pictures a second."""

from classhub_client import Client

PICTURES, PAUSE = 5, 1.0

with Client.from_environment() as hub:
    saved = seen = 0
    with hub.devices.first("microscope").frames(timeout=10) as frames:
        for frame in frames:
            if seen == 0:
                first = frame.time
            passed = (frame.time - first).total_seconds()
            if passed >= saved * PAUSE:
                saved += 1
                print(f"{frame.save(f'lapse-{saved}.jpg')} after {passed:.1f} s")
            if saved == PICTURES:
                break
            seen += 1
    print(f"{seen / passed:.1f} pictures a second")
