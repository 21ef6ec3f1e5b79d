"""Measures what ranks of MPI cost on this machine, and what the model of docs/cluster.md says of it.

    dotnet build src/Runner -c Release
    python3 bench/ranks.py                                          # some ten minutes on two cores, as root for the delays
    python3 bench/ranks.py --model resnet50.onnx --chart docs/images/scaling.json
    python3 bench/ranks.py --rounds 1 --steps 4 --images 200 --seconds 0.05 --delays 0    # whether it works

By turns, medians of --rounds: training of the reference network at batch 256 and `eval`, in one process with two threads and on two
ranks with one thread each; then the same training on two ranks over TCP, with each of --delays (microseconds, one way) on every packet,
beside what `gpucam bench --ranks` predicts over the same link. Slow links join network namespaces (slow_link.py), which are gone at the
end whatever happens: the machine's own network is left alone.
"""
import argparse
import concurrent.futures
import contextlib
import json
import os
import pathlib
import shlex
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile

from slow_link import SlowLink

ROOT = pathlib.Path(__file__).resolve().parents[1]
NAMESPACE = f"gpucam-ranks-{os.getpid()}"
TCP = ["--mca", "pml", "ob1", "--mca", "btl", "tcp,self", "--mca", "btl_tcp_if_include", "lo"]
BATCH, EACH = 256, 32
REFERENCE = "reference"
ALONE = "train, 1 process x 1 thread beside another"


class Failed(Exception):
    """What the user reads in place of a stack."""


def run(command, limit):
    """Standard output of a command."""
    environment = {**os.environ, "OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment) as process:
        try:
            output, errors = process.communicate(timeout=limit)
        except BaseException:
            process.terminate()         # mpirun ends its ranks
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
            raise
    if process.returncode != 0:
        raise Failed(f"{shlex.join(command)}\nended with {process.returncode}: {errors.strip()[-2000:]}")
    return output


class Link:
    """How two ranks talk: by shared memory, by TCP, or by TCP over a slow link."""

    def __init__(self, arguments, name, delay=None):
        """Microseconds on each packet; none for shared memory."""
        self.arguments, self.name, self.delay = arguments, name, delay
        self.slow = SlowLink(NAMESPACE, delay / 1e6, arguments.work) if delay else contextlib.nullcontext()

    def command(self):
        mpirun, gpucam = self.arguments.mpirun, self.arguments.gpucam
        if self.delay:
            return self.slow.command(mpirun, gpucam)
        return [*mpirun, "-n", "2", *(TCP if self.delay == 0 else []), *gpucam]


def train(arguments, start, threads, batch):
    """Milliseconds of a step, those of the first half left out, in which programs are compiled."""
    with tempfile.TemporaryDirectory(dir=arguments.work) as folder:
        out = os.path.join(folder, "run")
        half = arguments.steps
        run([*start, "train", "--out", out, "--digits", "synthetic", "--batch", str(batch), "--steps", str(2 * half), "--every", str(half),
             "--canvas", "100:1", "--heatmaps", "1", "--eval-images", "64", "--final-eval-images", "64", "--backend", "simd",
             "--threads", str(threads)], arguments.limit)
        lines = pathlib.Path(out, "timing.jsonl").read_text(encoding="utf-8").splitlines()
        ends = {entry["step"]: entry["seconds"] for entry in map(json.loads, lines)}
        return 1000 * (ends[2 * half] - ends[half]) / half


def train_beside_another(arguments, batch):
    """The same of two processes that know nothing of each other: what a rank takes by itself while the other core is as busy."""
    with concurrent.futures.ThreadPoolExecutor() as pool:
        both = [pool.submit(train, arguments, arguments.gpucam, 1, batch) for _ in range(2)]
        return statistics.mean(one.result() for one in both)


def evaluate(arguments, start, threads, model):
    """Images a second."""
    output = run([*start, "eval", "--model", model, "--digits", "synthetic", "--count", str(arguments.images), "--backend", "simd",
                  "--threads", str(threads), "--json"], arguments.limit)
    return json.loads(output)["images_per_second"]


def predict(arguments, link):
    """What bench --ranks says of a link: its report."""
    model = ["--model", arguments.model] if arguments.model else []
    return json.loads(run([*link.command(), "bench", "--ranks", "--backend", "simd", "--threads", "1", "--batch", str(BATCH),
                           "--seconds", str(arguments.seconds), "--json", *model], arguments.limit))


def predicted_step(report, ranks):
    steps = next(way["steps"] for way in report["predicted"] if way["network"] == REFERENCE and way["path"] == "ordered")
    return next(step["step_milliseconds"] for step in steps if step["ranks"] == ranks)


def medians(rounds, tasks):
    """The tasks by turns; the median of each."""
    found = {name: [] for name in tasks}
    for turn in range(rounds):
        for name, task in tasks.items():
            found[name].append(task())
            print(f"  {turn + 1}/{rounds} {name}: {found[name][-1]:.2f}", file=sys.stderr)
    return {name: statistics.median(values) for name, values in found.items()}


def beside_one_process(arguments, model):
    shared = Link(arguments, "shared memory").command()
    found = medians(arguments.rounds, {
        "train, 1 process x 2 threads": lambda: train(arguments, arguments.gpucam, 2, BATCH),
        "train, 2 ranks x 1 thread": lambda: train(arguments, shared, 1, BATCH),
        "eval, 1 process x 2 threads": lambda: evaluate(arguments, arguments.gpucam, 2, model),
        "eval, 2 ranks x 1 thread": lambda: evaluate(arguments, shared, 1, model),
        ALONE: lambda: train_beside_another(arguments, BATCH),
        f"{ALONE}, batch {EACH}": lambda: train_beside_another(arguments, EACH),
    })
    one, two = found["train, 1 process x 2 threads"], found["train, 2 ranks x 1 thread"]
    tested, shared_tested = found["eval, 1 process x 2 threads"], found["eval, 2 ranks x 1 thread"]
    print("\n| | 1 process x 2 threads | 2 ranks x 1 thread | ranks : process |\n|---|---|---|---|")
    print(f"| train, images/s | {1000 * BATCH / one:,.0f} | {1000 * BATCH / two:,.0f} | {one / two:.3f} |")
    print(f"| eval, images/s | {tested:,.0f} | {shared_tested:,.0f} | {shared_tested / tested:.3f} |")
    return found


def beside_the_model(arguments, links, alone):
    """Measured and predicted steps over each link; the points for a chart, of the last link."""
    print("\n| two ranks over | ms a step | predicted | error | efficiency |\n|---|---|---|---|---|")
    reports = {}
    for link in links:
        with link.slow:
            start = link.command()
            report = reports[link.name] = predict(arguments, link)
            found = medians(arguments.rounds, {
                link.name: lambda: train(arguments, start, 1, BATCH),
                f"{link.name}, batch {2 * EACH}": lambda: train(arguments, start, 1, 2 * EACH),
            })
        measured, predicted = found[link.name], predicted_step(report, 2)
        efficiency = alone[ALONE] / (2 * measured)
        each = alone[f"{ALONE}, batch {EACH}"] / found[f"{link.name}, batch {2 * EACH}"]
        print(f"| {link.name} | {measured:.1f} | {predicted:.1f} | {predicted / measured - 1:+.1%} | {efficiency:.1%} |")
        if arguments.chart and link.delay == arguments.chart_delay:
            points = [{"network": REFERENCE, "each": False, "ranks": 2, "efficiency": efficiency},
                      {"network": REFERENCE, "each": True, "ranks": 2, "efficiency": each}]
            pathlib.Path(arguments.chart).write_text(
                json.dumps({"report": report, "measured": points}, indent=1) + "\n", encoding="utf-8")
            print(f"figures of the chart: {arguments.chart}", file=sys.stderr)
    return reports


def options():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--gpucam", type=shlex.split, default=["dotnet", str(ROOT / "src/Runner/bin/Release/net10.0/gpucam.dll")],
                        help="how the program is started")
    parser.add_argument("--mpirun", type=shlex.split, default=["mpirun"], help="how ranks are started, with options")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=40, help="steps that are timed; as many come before them")
    parser.add_argument("--images", type=int, default=6000, help="images of eval")
    parser.add_argument("--seconds", type=float, default=2, help="of bench --ranks")
    parser.add_argument("--delays", type=lambda text: [int(part) for part in text.split(",")], default=[0, 100, 1000],
                        help="microseconds on each packet, separated by commas")
    parser.add_argument("--model", help="another network for the predictions, an ONNX file")
    parser.add_argument("--chart", help="write the figures of docs/images/scaling.svg there")
    parser.add_argument("--chart-delay", type=int, default=100, help="the delay that these are of")
    parser.add_argument("--work", default=None, help="a folder for runs, which are removed")
    parser.add_argument("--limit", type=float, default=900, help="seconds for each command")
    return parser.parse_args()


def main():
    arguments = options()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    for tool in (arguments.mpirun[0], arguments.gpucam[0], *(["ip", "unshare"] if any(arguments.delays) else [])):
        if shutil.which(tool) is None:
            raise Failed(f"{tool} is not there")
    with tempfile.TemporaryDirectory(dir=arguments.work) as folder:
        model = os.path.join(folder, "model")
        run([*arguments.gpucam, "train", "--out", model, "--digits", "synthetic", "--batch", "16", "--steps", "2", "--every", "2",
             "--canvas", "100:1", "--heatmaps", "1", "--eval-images", "64", "--final-eval-images", "64"], arguments.limit)
        alone = beside_one_process(arguments, model)
        arguments.work = folder
        links = [Link(arguments, "shared memory"), *(Link(arguments, f"TCP, {delay} µs", delay) for delay in arguments.delays)]
        beside_the_model(arguments, links, alone)


if __name__ == "__main__":
    try:
        main()
    except Failed as fault:
        sys.exit(f"error: {fault}")
    except subprocess.TimeoutExpired as late:
        sys.exit(f"error: {shlex.join(late.cmd)}\ndid not end in {late.timeout:.0f} s")
    except KeyboardInterrupt:
        sys.exit(130)
