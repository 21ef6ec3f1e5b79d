#!/usr/bin/env python3
"""What it costs to cut batches into shards: training of the reference network uncut, with shards, and on ranks, in turn.

    python3 bench/shards.py [--rounds 5] [--steps 800] [--threads N] [--shards 8]

Needs a built gpucam (dotnet build -c Release src/Runner); ranks of one thread each need mpirun. Rates are images per second of training
alone, medians over the rounds; the first quarter of each run is left out. The last column is the rate beside the uncut one of the same
round, and how much of the machine other work took at worst.
"""
import argparse
import json
import os
import pathlib
import shutil
import statistics
import sys
import tempfile

import load_watch

ROOT = pathlib.Path(__file__).resolve().parent.parent
AS_ROOT = {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}


def rate(launcher, options, steps):
    gpucam = ROOT / "src/Runner/bin/Release/net10.0/gpucam.dll"
    if not gpucam.exists():
        sys.exit(f"{gpucam} is missing: dotnet build -c Release src/Runner")
    with tempfile.TemporaryDirectory() as folder:
        out = pathlib.Path(folder) / "run"
        ran = load_watch.run(
            [*launcher, "dotnet", gpucam, "train", "--out", out, "--backend", "simd", "--steps", steps, "--every", steps // 4,
             "--eval-images", 10, "--final-eval-images", 10, "--heatmaps", 0, *options], AS_ROOT)
        rows = [json.loads(line) for line in (out / "timing.jsonl").read_text().splitlines()]
        return statistics.median(row["images_per_second"] for row in rows[2:]), ran.other


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=800)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--shards", type=int, default=8)
    arguments = parser.parse_args()
    shards = ["--shards", arguments.shards]
    cases = {
        "uncut": ([], ["--threads", arguments.threads]),
        f"{arguments.shards} shards": ([], ["--threads", arguments.threads, *shards]),
    }
    if shutil.which("mpirun"):
        cases[f"{arguments.threads} ranks of 1 thread"] = (["mpirun", "-n", arguments.threads], ["--threads", 1, *shards])
    rates = {name: [] for name in cases}
    other = {name: 0 for name in cases}
    for number in range(arguments.rounds):
        for name, (launcher, options) in cases.items():
            found, taken = rate(launcher, options, arguments.steps)
            rates[name].append(found)
            other[name] = max(other[name], taken)
        print(f"round {number + 1} of {arguments.rounds} done", file=sys.stderr)
    for name, found in rates.items():
        beside = statistics.median(a / b for a, b in zip(found, rates["uncut"]))
        print(f"{name:24} {statistics.median(found):8.0f} images/s  {beside:6.3f} of uncut  others took {other[name]:4.0%}")


if __name__ == "__main__":
    main()
