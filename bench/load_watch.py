"""Runs a command and tells how much of the machine something else took meanwhile."""
import dataclasses
import os
import subprocess
import tempfile
import time

TICKS = os.sysconf("SC_CLK_TCK")


@dataclasses.dataclass
class Ran:
    output: str
    seconds: float
    peak_mib: float     # of the process's memory
    other: float        # share of the machine that other work took, 0 to 1


def busy_seconds():
    """Of all processors since the machine started: all but idle and waiting; what a host took away counts."""
    with open("/proc/stat", encoding="ascii") as file:
        user, nice, system, _, _, interrupts, soft, steal = (int(x) for x in file.readline().split()[1:9])
    return (user + nice + system + interrupts + soft + steal) / TICKS


def run(command, environment=None):
    """Runs a command to its end; SystemExit with what it said if it fails."""
    with tempfile.TemporaryFile() as output, tempfile.TemporaryFile() as errors:
        busy, start = busy_seconds(), time.perf_counter()
        process = subprocess.Popen([str(part) for part in command], stdout=output, stderr=errors, env={**os.environ, **(environment or {})})
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - start
        busy = busy_seconds() - busy
        process.returncode = os.waitstatus_to_exitcode(status)
        for file in (output, errors):
            file.seek(0)
        if process.returncode != 0:
            raise SystemExit(f"{' '.join(str(part) for part in command)} failed with {process.returncode}:\n{errors.read().decode()}")
        own = usage.ru_utime + usage.ru_stime
        other = max(0.0, busy - own) / (os.cpu_count() * seconds)
        return Ran(output.read().decode(), seconds, usage.ru_maxrss / 1024, other)
