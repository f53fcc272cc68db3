"""In the machine: say for each device node whether it opens. `opens.py PID USER NODE…`.

It tries from inside the service of the process PID: in its control group, whose devices are
limited, and among its mounts; as USER, or as root where only the limits shall count.
"""

import os
import subprocess
import sys
from pathlib import Path

TRY = """
import errno, os, sys
for node in sys.argv[1:]:
    try:
        os.close(os.open(node, os.O_RDWR | os.O_NONBLOCK | os.O_NOCTTY))
        print(node, "opens")
    except OSError as error:
        print(node, errno.errorcode[error.errno])
"""

process, user, *nodes = sys.argv[1:]
group = Path(f"/proc/{process}/cgroup").read_text().strip().split("::")[1]
own = Path("/proc/self/cgroup").read_text().strip().split("::")[1]
procs = "/sys/fs/cgroup{}/cgroup.procs"
command = ["nsenter", "-t", process, "-m", "--"]
if user != "root":
    command += ["setpriv", f"--reuid={user}", f"--regid={user}", "--init-groups", "--"]
Path(procs.format(group)).write_text(str(os.getpid()))
try:
    done = subprocess.run([*command, "python3", "-c", TRY, *nodes], check=False)
finally:
    Path(procs.format(own)).write_text(str(os.getpid()))
sys.exit(done.returncode)
