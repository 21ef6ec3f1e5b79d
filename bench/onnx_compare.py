#!/usr/bin/env python3
"""GpuCam beside ONNX Runtime and PyTorch on networks of ONNX files: all in turn, several rounds, medians, ratios, goals.

    python3 bench/onnx_compare.py [--only forward/resnet18] [--only cold] [--rounds 5] [--seconds 1] [--threads N] [--json FILE]

Prints a table in Markdown. The networks are torchvision's with seeded random weights, exported once into --networks. Beforehand:

    apt-get install --no-install-recommends python3-torch python3-torchvision python3-onnx python3-pil
    dotnet build -c Release src/Runner
    dotnet build -c Release tests/GpuCam.Benchmarks/OnnxRuntime     # fetches Microsoft.ML.OnnxRuntime, 160 MB

PyTorch runs in both memory formats, with its allocator tuned and untuned, and its training step with batch normalisation as usual, with
fixed statistics and folded into the convolutions; of all these the fastest of the first round runs in the others. Nothing is reported
where other work took more than a tenth of the machine during a measurement (five tries each); --rough reports all the same, and says so.
"""
import argparse
import dataclasses
import itertools
import json
import os
import pathlib
import statistics
import sys
import tempfile
import time

import load_watch

ROOT = pathlib.Path(__file__).resolve().parent.parent
PHOTOGRAPH = ROOT / "data/photographs/coffee.jpg"
MOST_OTHER_WORK = 0.1
TRIES = 5
TUNED = {"MALLOC_MMAP_MAX_": "0", "MALLOC_TRIM_THRESHOLD_": "40000000000"}
FORWARD_GOALS = {
    "resnet18": 1.5, "vgg16": 1.5, "googlenet": 1.2, "resnet50": 1.2, "densenet121": 1.2, "squeezenet1_1": 1.0, "mobilenet_v2": 1.0,
    "efficientnet_b0": 1.0, "alexnet": 1.0, "convnext_tiny": 1.0,
}
GRADIENT_NETWORKS = ("resnet18", "mobilenet_v2", "squeezenet1_1")


@dataclasses.dataclass(frozen=True)
class Job:
    """A process to time: who computes, which network, which cases (separated by commas; "cold": the process as a whole)."""
    who: str
    network: str
    cases: str
    batch: int = 1


@dataclasses.dataclass(frozen=True)
class Row:
    """A line of the table: two measured values, and what their ratio shall reach (or must not exceed, `at_most`)."""
    name: str
    ours: tuple        # job and what of it: a case, "seconds" or "peak_mib"
    against: str
    theirs: tuple
    goal: float
    at_most: bool = False
    unit: str = "ms"


def rows():
    for network, goal in FORWARD_GOALS.items():
        for batch in (1, 16):
            yield Row(f"forward/{network}/{batch}", (Job("gpucam", network, "forward", batch), "forward"), "ONNX Runtime",
                      (Job("onnxruntime", network, "forward", batch), "forward"), goal)
    for network in FORWARD_GOALS:
        maps = Job("gpucam", network, "gradcam,layercam")
        for method in ("gradcam", "layercam"):
            yield Row(f"map/{network}/{method}", (maps, method), "own forward pass, by turns", (maps, f"forward beside {method}"), 1.25,
                      at_most=True)
    for network in GRADIENT_NETWORKS:
        yield Row(f"gradient/{network}", (Job("gpucam", network, "gradient"), "gradient"), "PyTorch",
                  (Job("torch", network, "gradient"), "gradient"), 3)
    yield Row("scorecam/resnet18", (Job("gpucam", "resnet18", "scorecam"), "scorecam"), "PyTorch",
              (Job("torch", "resnet18", "scorecam"), "scorecam"), 2)
    yield Row("training/resnet18/16", (Job("gpucam", "resnet18", "training", 16), "training"), "PyTorch",
              (Job("torch", "resnet18", "training", 16), "training"), 1.5)
    yield Row("cold/resnet18", (Job("gpucam", "resnet18", "cold"), "seconds"), "PyTorch",
              (Job("torch", "resnet18", "cold"), "seconds"), 4, unit="s")
    yield Row("memory/resnet50", (Job("gpucam", "resnet50", "forward"), "peak_mib"), "ONNX Runtime",
              (Job("onnxruntime", "resnet50", "forward"), "peak_mib"), 1, at_most=True, unit="MiB")


class Programs:
    """The command lines of a job: one, or for PyTorch several to choose from, by a name."""

    def __init__(self, arguments, scratch):
        self.arguments = arguments
        self.scratch = scratch
        self.gpucam = ROOT / "src/Runner/bin/Release/net10.0/gpucam"
        self.onnxruntime = ROOT / "tests/GpuCam.Benchmarks/OnnxRuntime/bin/Release/net10.0/onnxruntime-bench"
        for program, project in ((self.gpucam, "src/Runner"), (self.onnxruntime, "tests/GpuCam.Benchmarks/OnnxRuntime")):
            if not program.exists():
                sys.exit(f"{program} is missing: dotnet build -c Release {project}")

    def variants(self, job):
        common = ["--batch", job.batch, "--threads", self.arguments.threads, "--seconds", self.arguments.seconds]
        model = self.arguments.networks / f"{job.network}.onnx"
        if job.cases == "cold":
            return self.cold(job.who, model)
        if job.who == "gpucam":
            return {"": ([self.gpucam, "bench", "--backend", "simd", "--json", "--model", model, "--cases", job.cases, *common], {})}
        if job.who == "onnxruntime":
            return {"": ([self.onnxruntime, model, *common], {})}
        found = {}
        cases = ("training", "training-fixed", "training-folded") if job.cases == "training" else (job.cases,)
        formats, allocators = ("channels-last", "nchw"), (("tuned", TUNED), ("untuned", {}))
        for case, layout, (allocator, environment) in itertools.product(cases, formats, allocators):
            command = [self.arguments.python, ROOT / "bench/torch_networks.py", "time", self.arguments.networks, job.network,
                       "--case", case, "--format", layout, *common]
            found[f"{case}, {layout}, {allocator}"] = (command, environment)
        return found

    def cold(self, who, model):
        threads = str(self.arguments.threads)
        if who == "gpucam":
            return {"": ([self.gpucam, "cam", "--model", model, "--preprocess", "imagenet", "--method", "gradcam", "--top", "1", "--backend",
                          "simd", "--threads", threads, "--out", self.scratch / "cams", PHOTOGRAPH], {})}
        script = [self.arguments.python, ROOT / "bench/torch_cam.py", model.with_suffix(".pth"), PHOTOGRAPH, self.scratch / "o.png", threads]
        return {"": (script, {"OMP_NUM_THREADS": threads})}


def measure(command, environment, what, timed_inside, rough):
    """One process, again while other work disturbs it: (values, share of other work)."""
    for attempt in range(TRIES):
        ran = load_watch.run(command, environment)
        if ran.other <= MOST_OTHER_WORK or rough:
            report = json.loads(ran.output) if timed_inside else {}
            values = dict(report.get("milliseconds", {}))
            for case, beside in report.get("forward_milliseconds", {}).items():
                values[f"forward beside {case}"] = beside
            return {**values, "seconds": ran.seconds, "peak_mib": ran.peak_mib}, ran.other
        print(f"{what}: other work took {ran.other:.0%} of the machine, again", file=sys.stderr)
        time.sleep(5 * attempt)
    sys.exit(f"other work took {ran.other:.0%} of the machine while {what} ran, and no more than {MOST_OTHER_WORK:.0%} may: nothing is "
             "reported; run this again when the machine is idle")


def run_rounds(jobs, programs, arguments):
    """Values of each job, a list with an entry for each round; and the largest share of other work."""
    chosen, values, most_other = {}, {job: [] for job in jobs}, 0.0
    for number in range(arguments.rounds):
        for job in jobs:
            best = None
            for name, (command, environment) in programs.variants(job).items():
                if job in chosen and name != chosen[job]:
                    continue
                what = f"{job.who} {job.network} {name or job.cases} batch {job.batch}"
                found, other = measure(command, environment, what, job.cases != "cold", arguments.rough)
                most_other = max(most_other, other)
                found = {case.split("-")[0]: value for case, value in found.items()}
                time_of = found["seconds"] if job.cases == "cold" else found[job.cases.split(",")[0]]
                if best is None or time_of < best[0]:
                    best = (time_of, name, found)
            chosen[job] = best[1]
            values[job].append(best[2])
        print(f"round {number + 1} of {arguments.rounds} done", file=sys.stderr)
    return chosen, values, most_other


def result(row, values, chosen):
    ours, theirs = (statistics.median(found[what] for found in values[job]) for job, what in (row.ours, row.theirs))
    ratio = ours / theirs if row.at_most else theirs / ours
    reached = ratio <= row.goal if row.at_most else ratio >= row.goal
    return {"row": row.name, "unit": row.unit, "gpucam": ours, "against": row.against, "theirs": theirs, "ratio": ratio, "goal": row.goal,
            "at_most": row.at_most, "reached": reached, "variant": chosen[row.theirs[0]]}


def print_table(results, arguments, most_other):
    print(f"{arguments.threads} threads, fp32, {arguments.rounds} rounds in turn, medians; other work took at most {most_other:.0%} of the "
          f"machine.{' ROUGH: not a measurement.' if most_other > MOST_OTHER_WORK else ''}\n")
    print("| row | GpuCam | against | | ratio | goal | reached |\n|---|---|---|---|---|---|---|")
    for found in results:
        variant = f" ({found['variant']})" if found["variant"] else ""
        print(f"| {found['row']} | {found['gpucam']:.2f} {found['unit']} | {found['against']}{variant} | {found['theirs']:.2f} "
              f"{found['unit']} | {found['ratio']:.2f} | {'≤' if found['at_most'] else '≥'} {found['goal']:g} | "
              f"{'yes' if found['reached'] else '**no**'} |")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", action="append", default=[], help="rows whose name has this in it; may be repeated")
    parser.add_argument("--list", action="store_true", help="print the names of the rows, and stop")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=1, help="per case and round")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--networks", type=pathlib.Path, default=ROOT / "artifacts/bench-networks")
    parser.add_argument("--python", default="/usr/bin/python3", help="the python that has torch")
    parser.add_argument("--rough", action="store_true", help="report beside other work, too")
    parser.add_argument("--json", type=pathlib.Path, help="also write the table and every round to this file")
    arguments = parser.parse_args()

    chosen_rows = [row for row in rows() if not arguments.only or any(part in row.name for part in arguments.only)]
    if arguments.list or not chosen_rows:
        print("\n".join(row.name for row in (chosen_rows or rows())))
        sys.exit(0 if arguments.list else f"no row has {' or '.join(arguments.only)} in its name; above are all")
    jobs = list(dict.fromkeys(job for row in chosen_rows for job, _ in (row.ours, row.theirs)))
    networks = sorted({job.network for job in jobs})
    with tempfile.TemporaryDirectory() as scratch:
        programs = Programs(arguments, pathlib.Path(scratch))
        load_watch.run([arguments.python, ROOT / "bench/torch_networks.py", "make", arguments.networks, *networks])
        variants, values, most_other = run_rounds(jobs, programs, arguments)
    results = [result(row, values, variants) for row in chosen_rows]
    print_table(results, arguments, most_other)
    if arguments.json:
        rounds = [{**dataclasses.asdict(job), "variant": variants[job], "rounds": values[job]} for job in jobs]
        report = {"threads": arguments.threads, "most_other_work": most_other, "rough": arguments.rough, "rows": results, "jobs": rounds}
        arguments.json.write_text(json.dumps(report, indent=2) + "\n")


if __name__ == "__main__":
    main()
