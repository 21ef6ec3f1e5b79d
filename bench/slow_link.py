"""Two "hosts" on this machine, network namespaces, joined by a link that holds every packet back: for bench/ranks.py, as root on Linux.

The link is a process that moves packets between a TUN device of each namespace. `tc netem` would do as much, but not every kernel has it.
What the process costs itself, some tens of microseconds, comes on top of the delay.
"""
import collections
import ctypes
import fcntl
import os
import select
import signal
import struct
import subprocess
import time

MTU = 65000
TUNSETIFF, IFF_TUN, IFF_NO_PI, CLONE_NEWNET = 0x400454CA, 0x0001, 0x1000, 0x40000000


class SlowLink:
    """The hosts and their link, for as long as a with statement lasts; all of it is gone afterwards."""

    def __init__(self, name, delay, folder):
        """A name for the namespaces, seconds for each packet, and a folder for a script."""
        self.hosts = [f"{name}-1", f"{name}-2"]
        self.delay, self.agent, self.relay = delay, os.path.join(folder, f"{name}-agent"), None

    def command(self, mpirun, words):
        """A command for two ranks, one on each host; the script enters a host in place of ssh."""
        options = ["--host", "10.78.0.1:1,10.78.0.2:1", "-n", "2", "--bind-to", "none", "--mca", "pml", "ob1", "--mca", "btl", "tcp,self",
                   "--mca", "btl_tcp_if_include", "gpucam0", "--mca", "oob_tcp_if_include", "gpucam0", "--mca", "plm_rsh_agent", self.agent]
        return [self.agent, "10.78.0.1", "exec", *mpirun, *options, *words]

    def __enter__(self):
        try:
            for host in self.hosts:
                ip("netns", "add", host)
            self.relay = os.fork()
            if self.relay == 0:
                self.__move()
            for number, host in enumerate(self.hosts, 1):
                self.__address(number, host)
            with open(self.agent, "w", encoding="ascii") as script:
                script.write("#!/bin/sh\nhost=${1##*.}; shift\n"
                             f'exec ip netns exec {self.hosts[0][:-1]}$host unshare --uts sh -c "hostname host$host; $*"\n')
            os.chmod(self.agent, 0o700)
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self.relay:
            os.kill(self.relay, signal.SIGKILL)
            os.waitpid(self.relay, 0)
            self.relay = None
        for host in self.hosts:
            subprocess.run(["ip", "netns", "del", host], stderr=subprocess.DEVNULL, check=False)

    def __address(self, number, host):
        for attempt in range(100):
            if subprocess.run(["ip", "-n", host, "link", "show", "gpucam0"], capture_output=True, check=False).returncode == 0:
                break
            time.sleep(0.02 if attempt < 99 else 0)
        ip("-n", host, "addr", "add", f"10.78.0.{number}/24", "dev", "gpucam0")
        ip("-n", host, "link", "set", "gpucam0", "mtu", str(MTU), "up")
        ip("-n", host, "link", "set", "lo", "up")

    def __move(self):
        """The process: reads packets, and writes them to the other device when it is time. Does not return."""
        try:
            signal.signal(signal.SIGTERM, signal.SIG_DFL)
            signal.signal(signal.SIGINT, signal.SIG_IGN)        # ends when the with statement does
            devices = [tun(host) for host in self.hosts]
            other = {devices[0]: devices[1], devices[1]: devices[0]}
            # Ranks that wait never sleep; this one must have a processor at once.
            os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(10))
            waiting = collections.deque()
            while True:
                pause = max(0, waiting[0][0] - time.monotonic()) if waiting else None
                for device in select.select(devices, [], [], pause)[0]:
                    waiting.append((time.monotonic() + self.delay, other[device], os.read(device, MTU + 100)))
                while waiting and waiting[0][0] <= time.monotonic():
                    _, device, packet = waiting.popleft()
                    try:
                        os.write(device, packet)
                    except OSError:
                        pass        # the device is not up yet, or no more
        finally:
            os._exit(1)


def tun(host):
    """A TUN device in a namespace; this process is there afterwards."""
    with open(f"/run/netns/{host}", "rb") as namespace:
        if ctypes.CDLL(None, use_errno=True).setns(namespace.fileno(), CLONE_NEWNET) != 0:
            raise OSError(ctypes.get_errno(), f"namespace {host}")
    device = os.open("/dev/net/tun", os.O_RDWR)
    fcntl.ioctl(device, TUNSETIFF, struct.pack("16sH22s", b"gpucam0", IFF_TUN | IFF_NO_PI, b""))
    return device


def ip(*words):
    subprocess.run(["ip", *words], check=True, capture_output=True, text=True)
