"""`python -m drivers.virtual.microscope`: one virtual microscope on a port."""

import argparse
import asyncio
import signal
from typing import Any

import cv2

from drivers.virtual.microscope.camera import Camera, Scene
from drivers.virtual.microscope.faults import Misbehaviour
from drivers.virtual.microscope.optics import OBJECTIVES, State
from drivers.virtual.microscope.pattern import PATTERNS, PatternScene
from drivers.virtual.microscope.scene import SlideScene
from drivers.virtual.microscope.server import Server
from drivers.virtual.microscope.specimen import SLIDES_BY_NAME
from drivers.virtual.peer import orphaned, said


def _size(text: str) -> tuple[int, int]:
    width, _, height = text.partition("x")
    size = int(width), int(height)
    if not (64 <= size[0] <= 4096 and 64 <= size[1] <= 4096):
        raise argparse.ArgumentTypeError("between 64x64 and 4096x4096")
    return size


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="virtual-microscope", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--size", type=_size, default=(1920, 1080), help="width x height")
    parser.add_argument("--fps", type=float, default=30.0)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--slide", choices=tuple(SLIDES_BY_NAME), default="tissue")
    parser.add_argument("--objective", choices=tuple(OBJECTIVES), default="10x")
    parser.add_argument(
        "--tells-no-objective", action="store_true", help="GET /state leaves it out"
    )
    parser.add_argument("--tells-no-scale", action="store_true", help="GET /state leaves it out")
    parser.add_argument("--pattern", choices=PATTERNS, help="test pictures of this size")
    parser.add_argument("--with-parent", action="store_true", help="end when the parent ends")
    parser.add_argument("--credentials", default="", help="user:password that clients must show")
    return parser.parse_args()


async def _main(args: argparse.Namespace) -> None:
    scene: Scene
    if args.pattern:
        scene = PatternScene(args.size, nbytes=PATTERNS[args.pattern])
    else:
        scene = SlideScene(args.size, seed=args.seed)
    state = State(
        slide=args.slide,
        objective=args.objective,
        tells_objective=not args.tells_no_objective,
        tells_scale=not args.tells_no_scale,
    )
    camera = Camera(scene, state, fps=args.fps)
    server = Server(camera, Misbehaviour(args.seed), credentials=args.credentials)
    await camera.warm_up()
    said(await server.start(args.host, args.port))
    ended = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    waits: list[asyncio.Future[Any]] = [asyncio.ensure_future(ended.wait()), camera.failed]
    if args.with_parent:
        waits.append(asyncio.create_task(orphaned(), name="parent"))
    try:
        done, _ = await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        for future in done:
            future.result()
    finally:
        for future in waits:
            future.cancel()
        await server.stop()
        await camera.stop()


def main() -> None:
    """Run until SIGTERM."""
    cv2.setNumThreads(1)
    asyncio.run(_main(_arguments()))


if __name__ == "__main__":
    main()
