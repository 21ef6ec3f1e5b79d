#!/usr/bin/env python3
"""GpuCam beside PyTorch on this machine: both in turn, several rounds, medians, ratios. Installs nothing.

    python3 bench/compare.py [--rounds 5] [--seconds 1] [--threads N] [--channels 1] [--json FILE]

Needs python3 with torch and numpy (Debian: python3-torch), and a built gpucam (dotnet build -c Release src/Runner).
PyTorch runs in both memory formats, with its allocator tuned and untuned; the best of all counts. A ratio above 1 means
that GpuCam is faster.
"""
import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
TUNED = {"MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": "40000000000"}


def run(command, extra):
    environment = {k: v for k, v in os.environ.items() if not k.startswith("OPENBLAS_")}
    environment.update(extra)
    done = subprocess.run([str(part) for part in command], env=environment, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{command[0]} failed:\n{done.stderr}")
    return json.loads(done.stdout)["cases"]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1, help="per case and round")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--channels", type=int, default=1)
    parser.add_argument("--python", default="/usr/bin/python3", help="the python that has torch")
    parser.add_argument("--json", help="also write all figures to this file")
    arguments = parser.parse_args()

    gpucam = ROOT / "src/Runner/bin/Release/net10.0/gpucam.dll"
    if not gpucam.exists():
        sys.exit(f"{gpucam} is missing: dotnet build -c Release src/Runner")
    common = ["--threads", arguments.threads, "--channels", arguments.channels]
    timed = [*common, "--seconds", arguments.seconds]
    with tempfile.TemporaryDirectory() as folder:
        samples = pathlib.Path(folder) / "samples.npy"
        bench = ["dotnet", gpucam, "bench", "--backend", "simd", "--json", "--network-only"]
        twin = [arguments.python, ROOT / "bench/torch_twin.py", samples, *timed]
        subprocess.run([str(part) for part in [*bench, *common, "--seconds", "0.01", "--samples-out", samples]], check=True, capture_output=True)
        ours, theirs = [], {}
        for number in range(arguments.rounds):
            ours.append(run([*bench, *timed], {}))
            for memory_format in ("channels-last", "nchw"):
                for allocator, extra in (("tuned", TUNED), ("untuned", {})):
                    rates = run([*twin, "--format", memory_format], extra)
                    theirs.setdefault(f"{memory_format}, {allocator}", []).append(rates)
            print(f"round {number + 1} of {arguments.rounds} done", file=sys.stderr)

    report = {}
    print(f"{'case':22} {'gpucam':>10} {'pytorch':>10} {'ratio':>7}   best of pytorch   (untuned)")
    for case in ours[0]:
        lower_is_better = case.endswith("-ms")
        mine = statistics.median(r[case] for r in ours)
        medians = {name: statistics.median(r[case] for r in rounds) for name, rounds in theirs.items()}
        choose = min if lower_is_better else max
        best = choose(medians, key=medians.get)
        untuned = choose(value for name, value in medians.items() if name.endswith(", untuned"))
        ratio = medians[best] / mine if lower_is_better else mine / medians[best]
        report[case] = {"gpucam": mine, "pytorch": medians, "ratio": ratio}
        print(f"{case:22} {mine:10.2f} {medians[best]:10.2f} {ratio:7.2f}   {best:16}   ({untuned:.2f})")
    if arguments.json:
        pathlib.Path(arguments.json).write_text(json.dumps(report, indent=2) + "\n")


if __name__ == "__main__":
    main()
