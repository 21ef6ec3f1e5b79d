#!/usr/bin/env python3
"""Exports torchvision's architectures with seeded random weights to ONNX, with what torch itself computes beside each.

    export.py --out DIR                         every architecture at opsets 9, 13 and 17, at the size it was made for (about 7 GB)
    export.py --out DIR --quick                 the ones that take small pictures, on small pictures, each at one of the opsets
    export.py --out DIR --only resnet18 --opset 17

Then, from the root: GPUCAM_PEERS=DIR dotnet test tests/GpuCam.Tests -c Release --filter PeerTests
Needs Debian's python3-torch, python3-torchvision and python3-onnx.
"""
import argparse
import pathlib
import time

import torch
import torchvision

import peer

# Modules whose outputs are compared (early and middle; none that ends in a transposition, which is a view and has no name in a graph),
# a third where the last stage is not what a global pooling reads, and whether small pictures do.
ARCHITECTURES = {
    "alexnet": ("features.2", "features.5", "features", False),
    "vgg11": ("features.2", "features.10", "features", False),
    "vgg16_bn": ("features.6", "features.23", "features", False),
    "googlenet": ("maxpool1", "inception4b", None, True),
    "inception_v3": ("Conv2d_2b_3x3", "Mixed_6b", None, True),
    "resnet18": ("layer1", "layer3", None, True),
    "resnet50": ("layer1", "layer3", None, True),
    "resnext50_32x4d": ("layer1", "layer3", None, True),
    "squeezenet1_1": ("features.2", "features.7", None, True),
    "densenet121": ("features.denseblock1", "features.denseblock3", None, True),
    "mobilenet_v2": ("features.1", "features.9", None, True),
    "mobilenet_v3_small": ("features.1", "features.6", None, True),
    "efficientnet_b0": ("features.1", "features.4", None, True),
    "shufflenet_v2_x0_5": ("maxpool", "stage3.3.branch2", None, True),
    "mnasnet0_5": ("layers.7", "layers.10", None, True),
    "regnet_y_400mf": ("trunk_output.block1", "trunk_output.block3", None, True),
    "convnext_tiny": ("features.1.0", "features.5.4", None, True),
}


def size_of(name, quick):
    full = 299 if name == "inception_v3" else 224
    if not quick:
        return full, full
    return (128, 160) if name == "inception_v3" else (64, 96)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", required=True, type=pathlib.Path)
    parser.add_argument("--only", choices=ARCHITECTURES, action="append")
    parser.add_argument("--opset", type=int, action="append")
    parser.add_argument("--quick", action="store_true")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    for i, (name, (*places, small)) in enumerate(ARCHITECTURES.items()):
        if arguments.only and name not in arguments.only or arguments.quick and not small:
            continue
        start = time.perf_counter()
        height, width = size_of(name, arguments.quick)
        more = {"init_weights": False, "aux_logits": False} if name in ("googlenet", "inception_v3") else {}
        model = getattr(torchvision.models, name)(weights=None, **more)
        seed = 1000 + 10 * i
        peer.randomise(model, seed, height, width)
        about = {"architecture": name, "seed": seed}
        opsets = arguments.opset or (peer.OPSETS[i % 3:i % 3 + 1] if arguments.quick else peer.OPSETS)
        manifest = peer.write(arguments.out / name, model, places, peer.images(2, height, width, seed + 2), opsets, about)
        left_out = "".join(f"; not at opset {x['opset']}: {x['why']}" for x in manifest["not exported"])
        print(f"{name}: {len(manifest['models'])} files, {time.perf_counter() - start:.1f} s{left_out}", flush=True)


if __name__ == "__main__":
    main()
