#!/usr/bin/env python3
"""torchvision's networks with seeded random weights: as ONNX files, timed in PyTorch, and computed in double precision.

    torch_networks.py make FOLDER NAME...       NAME.onnx (opset 17, any batch) and NAME.pth, where they are missing
    torch_networks.py time FOLDER NAME --case gradient --batch 1 --threads 2 --seconds 1 --format nchw
    torch_networks.py truth FOLDER NAME OUT     images, logits and last of two pictures: float32 (images, NHWC) and float64

`time` prints one JSON object: {"torch": VERSION, "runs": N, "milliseconds": {CASE: MEDIAN}}. Run by onnx_compare.py and
onnx_accuracy.py; needs Debian's python3-torch, python3-torchvision and python3-onnx.
"""
import argparse
import json
import pathlib
import statistics
import sys
import time
import warnings

import torch
import torchvision
from torch.nn import functional

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tests/Peers"))
import peer  # noqa: E402

SIZE = 224
NAMES = ("resnet18", "vgg16", "googlenet", "resnet50", "densenet121", "squeezenet1_1", "mobilenet_v2", "efficientnet_b0", "alexnet",
         "convnext_tiny")
# The module whose output is mapped, where that is not what a global average pooling reads.
LAST = {"vgg16": "features", "alexnet": "features"}


def create(name):
    more = {"init_weights": False, "aux_logits": False} if name == "googlenet" else {}
    return getattr(torchvision.models, name)(weights=None, **more).eval()


def load(folder, name):
    model = create(name)
    model.load_state_dict(torch.load(folder / f"{name}.pth"))
    return model


def make(folder, names):
    folder.mkdir(parents=True, exist_ok=True)
    for name in names:
        if (folder / f"{name}.pth").exists():
            continue
        model = create(name)
        peer.randomise(model, 1000 + NAMES.index(name), SIZE, SIZE)
        with warnings.catch_warnings(), torch.no_grad():
            warnings.simplefilter("ignore")
            torch.onnx.export(
                model, torch.randn(1, 3, SIZE, SIZE), str(folder / f"{name}.onnx"), opset_version=17, input_names=["images"],
                output_names=["logits"], dynamic_axes={"images": {0: "batch"}, "logits": {0: "batch"}})
        torch.save(model.state_dict(), folder / f"{name}.pth")     # last: what is there is whole
        print(f"{name}: exported", file=sys.stderr)


def forward_step(model, x):
    def step():
        with torch.no_grad():
            model(x)

    return step


def gradient_step(model, x):
    """Forward, and the gradient of each image's likeliest class with respect to the image."""
    model.requires_grad_(False)
    x.requires_grad_(True)
    return lambda: torch.autograd.grad(model(x).amax(1).sum(), x)


def training_step(model, x):
    labels = torch.arange(len(x))
    optimizer = torch.optim.SGD(model.parameters(), lr=1e-6)

    def step():
        optimizer.zero_grad(set_to_none=True)
        functional.cross_entropy(model(x), labels).backward()
        optimizer.step()

    return step


def scorecam_step(model, x, batch=16):
    """Score-CAM of one image: every channel before the pooling as a mask on the image, the likeliest class's logit, a softmax."""
    layout = torch.channels_last if x.is_contiguous(memory_format=torch.channels_last) else torch.contiguous_format
    found = {}
    model.layer4.register_forward_hook(lambda module, inputs, output: found.__setitem__("last", output))

    def step():
        with torch.no_grad():
            best = model(x)[0].argmax()
            features = found["last"][0]
            scores = []
            for start in range(0, len(features), batch):
                masks = functional.interpolate(features[start:start + batch, None], x.shape[2:], mode="bilinear", align_corners=False)
                low, high = masks.amin((2, 3), keepdim=True), masks.amax((2, 3), keepdim=True)
                masked = x * ((masks - low) / (high - low).clamp(min=1e-12))
                scores.append(model(masked.contiguous(memory_format=layout))[:, best])
            weights = torch.cat(scores).softmax(0)
            return (weights[:, None, None] * features).sum(0)

    return step


def folded(model):
    """Batch normalisations inside the convolutions, as in the ONNX file."""
    from torch.fx.experimental import optimization
    return optimization.fuse(model.eval())


CASES = {
    "forward": forward_step,
    "gradient": gradient_step,
    "scorecam": scorecam_step,
    "training": lambda model, x: training_step(model.train(), x),
    "training-fixed": training_step,
    "training-folded": lambda model, x: training_step(folded(model), x),
}


def timed(step, seconds):
    """As Timing.Median in C#: two to warm up, then at least five, or two where one takes longer than a second."""
    step()
    second = time.perf_counter()
    step()
    fewest = 2 if time.perf_counter() - second > 1 else 5
    times = []
    end = time.perf_counter() + seconds
    while len(times) < fewest or time.perf_counter() < end:
        start = time.perf_counter()
        step()
        times.append(1000 * (time.perf_counter() - start))
    return times


def measure(arguments):
    torch.set_num_threads(arguments.threads)
    layout = torch.channels_last if arguments.format == "channels-last" else torch.contiguous_format
    model = load(arguments.folder, arguments.name).to(memory_format=layout)
    x = peer.images(arguments.batch, SIZE, SIZE, 7).contiguous(memory_format=layout)
    times = timed(CASES[arguments.case](model, x), arguments.seconds)
    print(json.dumps({"torch": torch.__version__, "runs": len(times), "milliseconds": {arguments.case: statistics.median(times)}}))


def truth(folder, name, out):
    model = load(folder, name).double()
    images = peer.images(2, SIZE, SIZE, 7)
    found = {}
    if name in LAST:
        model.get_submodule(LAST[name]).register_forward_hook(lambda module, inputs, output: found.__setitem__("last", output))
    with torch.no_grad(), peer.pooling_watched(lambda pooled: found.__setitem__("last", pooled) if name not in LAST else None):
        logits = model(images.double())
    images.permute(0, 2, 3, 1).contiguous().numpy().astype("<f4").tofile(out / "images")
    logits.numpy().astype("<f8").tofile(out / "logits64")
    found["last"].permute(0, 2, 3, 1).contiguous().numpy().astype("<f8").tofile(out / "last64")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    making = commands.add_parser("make")
    making.add_argument("folder", type=pathlib.Path)
    making.add_argument("names", nargs="+", choices=NAMES)
    timing = commands.add_parser("time")
    timing.add_argument("folder", type=pathlib.Path)
    timing.add_argument("name", choices=NAMES)
    timing.add_argument("--case", choices=CASES, required=True)
    timing.add_argument("--batch", type=int, default=1)
    timing.add_argument("--threads", type=int, default=2)
    timing.add_argument("--seconds", type=float, default=1)
    timing.add_argument("--format", choices=["nchw", "channels-last"], default="channels-last")
    computing = commands.add_parser("truth")
    computing.add_argument("folder", type=pathlib.Path)
    computing.add_argument("name", choices=NAMES)
    computing.add_argument("out", type=pathlib.Path)
    arguments = parser.parse_args()
    if arguments.command == "make":
        make(arguments.folder, arguments.names)
    elif arguments.command == "time":
        measure(arguments)
    else:
        truth(arguments.folder, arguments.name, arguments.out)


if __name__ == "__main__":
    main()
