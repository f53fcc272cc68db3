"""What one driver process may use, with everything that it starts."""

from dataclasses import dataclass

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """Limits of one driver process and all that it starts, together.

    Attributes:
        memory: bytes (PSS: pages that are shared count in part). Above `WARN` of it people are
            warned, above it the process is ended.
        cpu: seconds of processor time that nobody asked for: beyond `spare`, while no call is under
            way and no picture is wanted. At a third of it people are warned, then it is ended.
        spare: the part of a core that is never counted.
        processes: that it may have started and that have not ended.
        files: that each process may have open (RLIMIT_NOFILE); the kernel refuses it more.
        look: seconds from one look at it to the next.
        endings: so often within `window` seconds a process may be ended for its use of memory,
            processor or processes; then it is in `fault`.
        window: in seconds.
    """

    memory: int = 512 * MIB
    cpu: float = 60.0
    spare: float = 0.5
    processes: int = 32
    files: int = 1024
    look: float = 2.0
    endings: int = 3
    window: float = 3600.0


WARN = 0.8
AT_ONCE = 4
"""Times `memory`: what the kernel refuses, so that nothing grows far between two looks."""
