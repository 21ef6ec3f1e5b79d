#!/usr/bin/env python3
"""The reference network in PyTorch, timed: the other side of `gpucam bench`.

Prints one JSON object: {"torch": VERSION, "threads": N, "cases": {NAME: images per second or milliseconds}}.
The names are those of `gpucam bench --json`. Run by compare.py, which sets the environment.
"""
import argparse
import json
import time

import numpy
import torch
from torch import nn
from torch.nn import functional


class LeNetGap(nn.Module):
    """conv 5x5 -> ReLU -> pool 2, twice, then global average pooling and a linear layer without bias."""

    def __init__(self, channels):
        super().__init__()
        self.conv1 = nn.Conv2d(channels, 32, 5, padding=2)
        self.conv2 = nn.Conv2d(32, 64, 5, padding=2)
        self.classifier = nn.Linear(64, 10, bias=False)

    def features(self, x):
        x = functional.max_pool2d(functional.relu(self.conv1(x)), 2)
        return functional.max_pool2d(functional.relu(self.conv2(x)), 2)

    def forward(self, x):
        return self.classifier(self.features(x).mean((2, 3)))


def median_rate(step, seconds):
    """Calls per second: the median over repetitions of `step`, at least two, after one to warm up (compare.py takes the median over rounds)."""
    step()
    times = []
    end = time.perf_counter() + seconds
    while len(times) < 2 or time.perf_counter() < end:
        start = time.perf_counter()
        step()
        times.append(time.perf_counter() - start)
    return 1 / sorted(times)[len(times) // 2]


def training_step(model, images, labels):
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)

    def step():
        optimizer.zero_grad(set_to_none=True)
        functional.cross_entropy(model(images), labels).backward()
        optimizer.step()

    return step


def map_step(model, image):
    """From an image to the finished, normalised map of the predicted class at the image's size."""

    def step():
        features = model.features(image)
        logits = model.classifier(features.mean((2, 3)))
        weight = model.classifier.weight[logits[0].argmax()]
        cam = (features * weight[None, :, None, None]).sum(1, keepdim=True)
        cam = functional.interpolate(cam, image.shape[2:], mode="bilinear", align_corners=False)
        low, high = cam.min(), cam.max()
        return (cam - low) / (high - low)

    return step


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("samples", help="npy file of samples, float32 [256, 100, 100, 1]")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--seconds", type=float, default=1, help="per case")
    parser.add_argument("--channels", type=int, default=1)
    parser.add_argument("--format", choices=["nchw", "channels-last"], default="channels-last")
    arguments = parser.parse_args()

    torch.set_num_threads(arguments.threads)
    torch.manual_seed(1)
    layout = torch.channels_last if arguments.format == "channels-last" else torch.contiguous_format
    real = torch.from_numpy(numpy.load(arguments.samples)).permute(0, 3, 1, 2).repeat(1, arguments.channels, 1, 1)
    contents = {"real": real, "noise": torch.rand_like(real)}
    labels = torch.arange(256) % 10
    model = LeNetGap(arguments.channels).to(memory_format=layout)

    cases = {}
    for content, images in contents.items():
        images = images.contiguous(memory_format=layout)
        for batch in (64, 256):
            rate = median_rate(training_step(model, images[:batch], labels[:batch]), arguments.seconds)
            cases[f"train-{batch}-{content}"] = batch * rate
        with torch.no_grad():
            cases[f"infer-256-{content}"] = 256 * median_rate(lambda: model(images), arguments.seconds)
            one = images[:1].contiguous(memory_format=layout)
            cases[f"infer-1-{content}-ms"] = 1000 / median_rate(lambda: model(one), arguments.seconds)
            cases[f"map-1-{content}-ms"] = 1000 / median_rate(map_step(model, one), arguments.seconds)
    print(json.dumps({"torch": torch.__version__, "threads": arguments.threads, "cases": cases}))


if __name__ == "__main__":
    main()
