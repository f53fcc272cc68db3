"""An RTSP camera of GStreamer's making, run by the distribution's Python (which has `gi`).

python3 rtsp_player.py [--password PASSWORD --method basic|digest] [--film FILE.mp4]
Prints `listening on PORT`. Shows /jpeg, /vp8 and, of a film, /h264; a password's user is `class`.
"""

import argparse
import sys

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstRtsp, GstRtspServer  # noqa: E402

PICTURE = "videotestsrc is-live=1 ! video/x-raw,format=I420,width=320,height=240,framerate=15/1"
SHOWN = {
    "/jpeg": f"( {PICTURE} ! jpegenc ! rtpjpegpay name=pay0 pt=26 )",
    "/vp8": f"( {PICTURE} ! vp8enc deadline=1 cpu-used=8 keyframe-max-dist=15 ! rtpvp8pay name=pay0 pt=96 )",
    "/sound": "( audiotestsrc is-live=1 ! audioconvert ! rtpL16pay name=pay0 pt=97 )",
}


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--password", default="")
    parser.add_argument("--method", default="basic")
    parser.add_argument("--film", default="")
    given = parser.parse_args()
    Gst.init(None)
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service("0")
    shown = dict(SHOWN)
    if given.film:
        shown["/h264"] = (
            f"( filesrc location={given.film} ! qtdemux ! rtph264pay name=pay0 pt=96 config-interval=-1 )"
        )
    for path, launch in shown.items():
        factory = GstRtspServer.RTSPMediaFactory()
        factory.set_launch(launch)
        factory.set_shared(True)
        if given.password:
            allowed = GstRtspServer.RTSPPermissions()
            allowed.add_permission_for_role("viewer", "media.factory.access", True)  # noqa: FBT003
            allowed.add_permission_for_role("viewer", "media.factory.construct", True)  # noqa: FBT003
            factory.set_permissions(allowed)
        server.get_mount_points().add_factory(path, factory)
    if given.password:
        server.set_auth(guard(given.method, given.password))
    if not server.attach(None):
        sys.exit("cannot listen")
    print(f"listening on {server.get_bound_port()}", flush=True)
    GLib.MainLoop().run()


def guard(method: str, password: str) -> GstRtspServer.RTSPAuth:
    token = GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", "viewer")
    auth = GstRtspServer.RTSPAuth()
    if method == "digest":
        auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
        auth.add_digest("class", password, token)
    else:
        auth.add_basic(GstRtspServer.RTSPAuth.make_basic("class", password), token)
    return auth


if __name__ == "__main__":
    main()
