#!/usr/bin/env python3
"""How far GpuCam's logits and last feature maps are from double precision: largest error over largest value, per network.

    python3 bench/onnx_accuracy.py [--only resnet18] [--json FILE]

The networks are those of onnx_compare.py, on two random pictures; PyTorch computes the same weights in float64. Each runs as usual and
without Winograd's method (GPUCAM_WINOGRAD=0). The goal is 1e-4; the exit code is 1 if a network misses it.
Beforehand: dotnet build -c Release tests/GpuCam.Benchmarks, and what onnx_compare.py says of PyTorch.
"""
import argparse
import array
import json
import pathlib
import sys
import tempfile

import load_watch
from onnx_compare import FORWARD_GOALS, ROOT

GOAL = 1e-4


def values(path, code):
    found = array.array(code)
    found.frombytes(path.read_bytes())
    return found


def error(folder, name):
    ours, truth = values(folder / name, "f"), values(folder / f"{name}64", "d")
    if len(ours) != len(truth):
        sys.exit(f"{name}: {len(ours)} values against {len(truth)} in double precision: not the same value of the network")
    differences = [abs(a - b) for a, b in zip(ours, truth)]
    if any(difference != difference for difference in differences):
        return float("inf")
    return max(differences) / max(abs(value) for value in truth)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", action="append", choices=FORWARD_GOALS)
    parser.add_argument("--networks", type=pathlib.Path, default=ROOT / "artifacts/bench-networks")
    parser.add_argument("--python", default="/usr/bin/python3", help="the python that has torch")
    parser.add_argument("--json", type=pathlib.Path, help="also write the table to this file")
    arguments = parser.parse_args()
    program = ROOT / "tests/GpuCam.Benchmarks/bin/Release/net10.0/GpuCam.Benchmarks"
    if not program.exists():
        sys.exit(f"{program} is missing: dotnet build -c Release tests/GpuCam.Benchmarks")
    names = arguments.only or list(FORWARD_GOALS)
    script = ROOT / "bench/torch_networks.py"
    load_watch.run([arguments.python, script, "make", arguments.networks, *names])
    found = []
    print("| network | Winograd | logits | last feature maps | within 1e-4 |\n|---|---|---|---|---|")
    for name in names:
        with tempfile.TemporaryDirectory() as scratch:
            folder = pathlib.Path(scratch)
            load_watch.run([arguments.python, script, "truth", arguments.networks, name, folder])
            for winograd in (True, False):
                command = [program, "values", arguments.networks / f"{name}.onnx", folder / "images", folder]
                load_watch.run(command, {} if winograd else {"GPUCAM_WINOGRAD": "0"})
                errors = {what: error(folder, what) for what in ("logits", "last")}
                within = max(errors.values()) <= GOAL
                found.append({"network": name, "winograd": winograd, **errors, "within": within})
                print(f"| {name} | {'on' if winograd else 'off'} | {errors['logits']:.1e} | {errors['last']:.1e} | "
                      f"{'yes' if within else '**no**'} |", flush=True)
    if arguments.json:
        arguments.json.write_text(json.dumps(found, indent=2) + "\n")
    sys.exit(0 if all(entry["within"] for entry in found) else 1)


if __name__ == "__main__":
    main()
