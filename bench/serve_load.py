"""Asks a running `gpucam serve` for maps from several clients at once, or sends it what no browser sends.

    gpucam serve --port 8080 --json
    bench/serve_load.py --url http://localhost:8080 photo.jpg
    bench/serve_load.py --url http://localhost:8080 photo.jpg --hostile 1000

Only a server on this machine is asked; the Python library is enough. The first form ends after --seconds, or after --most requests of
each client, and tells the times that half, 95 and 99 of 100 answers took, what was refused, and the server's memory before and after.
The second sends so many broken requests, looks through every answer for folders of this machine and stacks, and then asks for a map.
"""
import argparse
import http.client
import json
import os
import pathlib
import random
import re
import socket
import sys
import tempfile
import threading
import time
import urllib.parse

BOUNDARY = "gpucam-load"
# What no answer may name: folders of this machine, the one that this file lies in among them, and what stack traces consist of.
FOLDERS = {pathlib.Path.home(), pathlib.Path(tempfile.gettempdir()), *list(pathlib.Path(__file__).resolve().parents)[:-1],
           *map(pathlib.Path, ("/home", "/usr", "/etc"))}
LEAKS = re.compile(b"|".join(re.escape(os.fsencode(f"{folder}{os.sep}")) for folder in FOLDERS)
                   + rb"|[A-Z]:\\|   at |\.cs:line|System\.|Exception")


def form(picture, fields):
    """A form of a picture and text fields."""
    parts = [f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode() for name, value in fields.items()]
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="picture"; filename="photo.jpg"\r\n\r\n'.encode()
    return b"".join(parts) + head + picture + f"\r\n--{BOUNDARY}--\r\n".encode()


def headers(token):
    return {"Content-Type": f"multipart/form-data; boundary={BOUNDARY}", **({"Authorization": f"Bearer {token}"} if token else {})}


def ask(connection, body, token):
    connection.request("POST", "/api/explain", body, headers(token))
    response = connection.getresponse()
    return response.status, response.read()


def server_process(port):
    """The process that listens at the port, by the socket's number; None where it is another user's."""
    inodes = set()
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        for line in pathlib.Path(table).read_text(encoding="ascii").splitlines()[1:]:
            parts = line.split()
            if parts[3] == "0A" and int(parts[1].rsplit(":", 1)[1], 16) == port:
                inodes.add(f"socket:[{parts[9]}]")
    for process in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            if any(os.readlink(link) in inodes for link in (process / "fd").iterdir()):
                return process
        except OSError:
            continue
    return None


def memory(process):
    """MiB of memory of a process, now and at its peak."""
    if process is None:
        return float("nan"), float("nan")
    status = (process / "status").read_text(encoding="utf-8")
    return tuple(int(re.search(rf"{name}:\s+(\d+)", status).group(1)) / 1024 for name in ("VmRSS", "VmHWM"))


def load(host, port, picture, options):
    times, other, lock = [], {}, threading.Lock()
    end = time.monotonic() + options.seconds

    def client():
        connection = http.client.HTTPConnection(host, port, timeout=60)
        for i in range(options.most):
            if time.monotonic() >= end:
                break
            body = form(picture, {"method": options.methods.split(",")[i % len(options.methods.split(","))]})
            start = time.perf_counter()
            try:
                status, answer = ask(connection, body, options.token)
                seconds = time.perf_counter() - start
                wrong = status == 200 and "map" not in json.loads(answer)
            except (OSError, http.client.HTTPException, ValueError) as error:
                status, wrong, seconds = type(error).__name__, False, 0
                connection.close()
            with lock:
                if status == 200 and not wrong:
                    times.append(seconds)
                else:
                    other["wrong" if wrong else status] = other.get("wrong" if wrong else status, 0) + 1

    ask(http.client.HTTPConnection(host, port, timeout=60), form(picture, {}), options.token)     # kernels are compiled by now
    process = server_process(port)
    before = memory(process)[0]
    clients = [threading.Thread(target=client) for _ in range(options.clients)]
    start = time.monotonic()
    for thread in clients:
        thread.start()
    middle = memory(process)[0]
    while any(thread.is_alive() for thread in clients):
        if time.monotonic() - start < options.seconds / 2:
            middle = memory(process)[0]
        time.sleep(0.1)
    seconds = time.monotonic() - start
    after, peak = memory(process)
    times.sort()
    at = {share: 1000 * times[min(len(times) - 1, len(times) * share // 100)] if times else float("nan") for share in (50, 95, 99)}
    print(f"{len(times)} maps for {options.clients} clients in {seconds:.0f} s: {len(times) / seconds:.1f} a second; "
          f"p50 {at[50]:.0f} ms, p95 {at[95]:.0f} ms, p99 {at[99]:.0f} ms; refused or failed: {other or 'none'}")
    print(f"memory of the server: {before:.0f} MiB before, {middle:.0f} in the middle, {after:.0f} after, {peak:.0f} at its peak")
    return 0 if times and not other else 1


def damaged(good, generator):
    """A good request with some of its bytes changed, left out, doubled or cut off."""
    broken = bytearray(good)
    for _ in range(generator.randint(1, 5)):
        at = generator.randrange(len(broken) + 1)
        length = generator.randint(1, 40)
        kind = generator.randrange(5)
        if kind == 0 and at < len(broken):
            broken[at] = generator.randrange(256)
        elif kind == 1:
            del broken[at:at + length]
        elif kind == 2:
            broken[at:at] = broken[at:at + length]
        elif kind == 3:
            broken[at:at] = generator.randbytes(length)
        else:
            del broken[at:]
    return bytes(broken)


def crafted(generator):
    """Requests that are wrong on purpose."""
    path = generator.choice(["/", "/..%2f..%2fetc%2fpasswd", "/assets/%2e%2e/", "/%00", "/" + "a" * generator.choice([10, 5000, 50000]),
                             "*", "/api/explain", "/api/model?" + "a=b&" * 900, "http://elsewhere/", "/\xff"])
    method = generator.choice(["GET", "POST", "PUT", "TRACE", "CONNECT", "OPTIONS", "M" * 300, "", "get"])
    more = generator.choice(["", "X: " + "y" * 60000 + "\r\n", "".join(f"X{i}: y\r\n" for i in range(500)), "Host: again\r\n",
                             "Content-Length: -1\r\n", "Content-Length: 99999999999\r\n", "Transfer-Encoding: chunked\r\n",
                             "Transfer-Encoding: gzip\r\n", "Expect: 100-continue\r\nContent-Length: 5\r\n", "Upgrade: h2c\r\n", "\0: \1\r\n"])
    body = generator.choice(["", "5\r\nhel", "zz\r\n", "--x\r\n" * 50, "\0" * 1000])
    return f"{method} {path} HTTP/{generator.choice(['1.1', '1.0', '9', '2.0'])}\r\nHost: localhost\r\n{more}\r\n{body}".encode("latin-1")


def hostile(host, port, picture, options):
    generator = random.Random(options.seed)
    body = form(picture[:2000], {"method": "cam"})
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers(options.token).items())
    good = f"POST /api/explain HTTP/1.1\r\nHost: localhost\r\n{lines}Content-Length: {len(body)}\r\n\r\n".encode() + body
    answers, leaks, left_open = 0, [], []
    for i in range(options.hostile):
        request = damaged(good, generator) if i % 2 == 0 else crafted(generator)
        connection = socket.create_connection((host, port), timeout=5)
        connection.settimeout(0.2)
        answer = b""
        try:
            connection.sendall(request)
            while chunk := connection.recv(65536):
                answer += chunk
        except OSError:
            pass        # it waits for more, or has let go
        answers += answer.startswith(b"HTTP/1.1 ")
        content = answer.partition(b"\r\n\r\n")[2]
        if LEAKS.search(content) and not content.startswith((b"<!doctype", b'{"openapi"')) and b"openapi" not in content[:20]:
            leaks.append((request[:200], content[:500]))
        if i % 20 == 0 and len(left_open) < 30:
            left_open.append(connection)
        else:
            connection.close()
    status, answer = ask(http.client.HTTPConnection(host, port, timeout=60), form(picture, {}), options.token)
    print(f"{options.hostile} hostile requests, {answers} answered, {len(leaks)} answers tell of the machine; "
          f"then a map: {status}, {len(answer)} bytes")
    for request, content in leaks[:5]:
        print(request, content, sep="\n", file=sys.stderr)
    return 0 if status == 200 and not leaks else 1


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("picture", type=pathlib.Path, help="a photograph to send")
    parser.add_argument("--url", default="http://localhost:8080", help="the server's address (default: %(default)s)")
    parser.add_argument("--token", help="where it asks for one")
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--most", type=int, default=10_000, help="requests of each client at most (default: %(default)s)")
    parser.add_argument("--methods", default="cam,gradcam", help="in turn (default: %(default)s)")
    parser.add_argument("--hostile", type=int, default=0, help="send so many broken requests instead")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    url = urllib.parse.urlsplit(options.url)
    if url.hostname not in ("localhost", "127.0.0.1", "::1"):
        parser.error("only a server on this machine is asked: give --url http://localhost:PORT")
    if not (1 <= options.clients <= 64 and 0 < options.seconds <= 600 and 0 <= options.hostile <= 100_000):
        parser.error("give 1 to 64 clients, at most 600 seconds and 100000 hostile requests")
    host = "127.0.0.1" if url.hostname == "localhost" else url.hostname
    picture = options.picture.read_bytes()
    return (hostile if options.hostile else load)(host, url.port or 80, picture, options)


if __name__ == "__main__":
    sys.exit(main())
