#!/usr/bin/env python3
"""The budget of a network, step by step, as a table in Markdown: what each has to do, the least time for it, and the time it took.

    python3 bench/node_budget.py NETWORK.onnx [--threads N] [--seconds 3] [--batch 1]

Runs `gpucam bench --model` once and puts steps of the same kind and the same shapes into one line, in the order in which they first run.
Beforehand: dotnet build -c Release src/Runner.
"""
import argparse
import json
import os
import sys

import load_watch
from onnx_compare import MOST_OTHER_WORK, ROOT


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("network")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--seconds", type=float, default=3)
    parser.add_argument("--batch", type=int, default=1)
    arguments = parser.parse_args()
    ran = load_watch.run([
        ROOT / "src/Runner/bin/Release/net10.0/gpucam", "bench", "--backend", "simd", "--json", "--cases", "forward,nodes", "--model",
        arguments.network, "--threads", arguments.threads, "--seconds", arguments.seconds, "--batch", arguments.batch])
    if ran.other > MOST_OTHER_WORK:
        print(f"other work took {ran.other:.0%} of the machine: the times below are no measurement", file=sys.stderr)
    report = json.loads(ran.output)
    reading = ", ".join(f"{rate['gigabytes_per_second']:.0f} of {rate['bytes'] / 2**20:g}" for rate in report["peak_reading"])
    print(f"Peak {report['peak_gflops']:.0f} GFLOP/s; GB/s read of so many MiB: {reading}. The pass by itself "
          f"{report['milliseconds']['forward']:.2f} ms.\n")
    print("| step | output | times | million multiply-adds | MB | bound by | least ms | ms | GFLOP/s | of peak |\n" + "|---" * 10 + "|")
    lines = {}
    for step in report["nodes"]:
        same = (step["kind"], step["shape"], step["multiply_adds"], step["bytes"])
        lines.setdefault(same, []).append(step)
    for (kind, shape, adds, moved), steps in lines.items():
        row(kind, shape, steps, steps[0]["bound"])
    row("**all**", "", report["nodes"], "")


def row(kind, shape, steps, bound):
    adds, moved, least, ms = (sum(step[what] for step in steps) for what in
                              ("multiply_adds", "bytes", "least_milliseconds", "milliseconds"))
    rate = f"{2 * adds / ms / 1e6:.0f}" if adds else ""
    print(f"| {kind} | {shape} | {len(steps)} | {f'{adds / 1e6:.1f}' if adds else ''} | {moved / 1e6:.2f} | {bound} | {least:.3f} | {ms:.3f} "
          f"| {rate} | {least / ms:.0%} |")


if __name__ == "__main__":
    main()
