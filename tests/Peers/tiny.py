#!/usr/bin/env python3
"""Writes the golden files of tests/GpuCam.Tests/Golden/peers: networks of a few layers with what makes each family special.

    tiny.py [FOLDER]

The numbers are torch's; the files change only when this script does. Needs Debian's python3-torch and python3-onnx.
"""
import pathlib
import sys

import torch
from torch import nn
from torch.nn import functional

import peer

HEIGHT, WIDTH, CLASSES = 24, 18, 5


def conv(inputs, outputs, kernel, stride=1, groups=1, act=nn.ReLU):
    """Convolution, BatchNorm and what follows."""
    layers = [nn.Conv2d(inputs, outputs, kernel, stride, kernel // 2, groups=groups, bias=False), nn.BatchNorm2d(outputs)]
    return nn.Sequential(*layers, *([act()] if act else []))


class Pooled(nn.Module):
    """Features, global average pooling, a linear layer."""

    def __init__(self, features, channels):
        super().__init__()
        self.features = features
        self.fc = nn.Linear(channels, CLASSES)

    def forward(self, x):
        return self.fc(torch.flatten(functional.adaptive_avg_pool2d(self.features(x), 1), 1))


class Residual(nn.Module):
    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.body = nn.Sequential(conv(inputs, outputs, 3, stride), conv(outputs, outputs, 3, act=None))
        self.shortcut = conv(inputs, outputs, 1, stride, act=None) if stride > 1 else nn.Identity()

    def forward(self, x):
        return functional.relu(self.body(x) + self.shortcut(x))


def resnet():
    return Pooled(nn.Sequential(conv(3, 6, 3), nn.MaxPool2d(3, 2, 1), Residual(6, 6, 1), Residual(6, 12, 2)), 12)


class SqueezeExcite(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.down, self.up = nn.Conv2d(channels, 4, 1), nn.Conv2d(4, channels, 1)

    def forward(self, x):
        return x * functional.hardsigmoid(self.up(functional.relu(self.down(functional.adaptive_avg_pool2d(x, 1)))))


class Inverted(nn.Module):
    """Expansion, depthwise convolution, squeeze and excite, projection; added to the input where the extents are the same."""

    def __init__(self, inputs, outputs, stride, act):
        super().__init__()
        wide = 3 * inputs
        self.body = nn.Sequential(
            conv(inputs, wide, 1, act=act), conv(wide, wide, 3, stride, wide, act), SqueezeExcite(wide), conv(wide, outputs, 1, act=None))
        self.added = stride == 1 and inputs == outputs

    def forward(self, x):
        return x + self.body(x) if self.added else self.body(x)


class MobileNet(Pooled):
    def __init__(self):
        body = [conv(3, 6, 3, 2, act=nn.Hardswish), Inverted(6, 8, 2, nn.ReLU6), Inverted(8, 8, 1, nn.SiLU), conv(8, 16, 1, act=nn.Hardswish)]
        super().__init__(nn.Sequential(*body), 16)

    def forward(self, x):
        return self.fc(self.features(x).mean([2, 3]))


class Dense(nn.Module):
    def __init__(self, inputs, growth):
        super().__init__()
        self.norm, self.conv = nn.BatchNorm2d(inputs), nn.Conv2d(inputs, growth, 3, padding=1, bias=False)

    def forward(self, x):
        return torch.cat([x, self.conv(functional.relu(self.norm(x)))], 1)


class Transition(nn.Sequential):
    def __init__(self, inputs, outputs):
        super().__init__(nn.BatchNorm2d(inputs), nn.ReLU(), nn.Conv2d(inputs, outputs, 1, bias=False), nn.AvgPool2d(2, 2))


def densenet():
    layers = [conv(3, 8, 5, 2), Dense(8, 4), Dense(12, 4), Transition(16, 8), Dense(8, 4), Dense(12, 4), nn.BatchNorm2d(16), nn.ReLU()]
    return Pooled(nn.Sequential(*layers), 16)


class Shuffled(nn.Module):
    """Half of the channels pass, the other half goes through a depthwise bottleneck; then channels are shuffled."""

    def __init__(self, channels):
        super().__init__()
        half = channels // 2
        self.body = nn.Sequential(conv(half, half, 1), conv(half, half, 3, groups=half, act=None), conv(half, half, 1))

    def forward(self, x):
        passed, changed = x.chunk(2, dim=1)
        joined = torch.cat([passed, self.body(changed)], 1)
        n, c, h, w = joined.shape
        return joined.view(n, 2, c // 2, h, w).transpose(1, 2).contiguous().view(n, c, h, w)


def shufflenet():
    layers = [conv(3, 12, 3, 2), Shuffled(12), nn.MaxPool2d(3, 2, 1), Shuffled(12), conv(12, 12, 1, groups=3), Shuffled(12)]
    return Pooled(nn.Sequential(*layers), 12)


class ChannelNorm(nn.LayerNorm):
    def forward(self, x):
        return super().forward(x.permute(0, 2, 3, 1)).permute(0, 3, 1, 2)


class ConvNeXtBlock(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.depthwise = nn.Conv2d(channels, channels, 7, padding=3, groups=channels)
        self.norm = nn.LayerNorm(channels, eps=1e-6)
        self.wide, self.narrow = nn.Linear(channels, 3 * channels), nn.Linear(3 * channels, channels)
        self.layer_scale = nn.Parameter(torch.ones(channels, 1, 1))

    def forward(self, x):
        y = self.norm(self.depthwise(x).permute(0, 2, 3, 1))
        return x + self.layer_scale * self.narrow(functional.gelu(self.wide(y))).permute(0, 3, 1, 2)


class ConvNeXt(nn.Module):
    """Its pooled features are normalised before the linear layer, so it ends in no plain tail."""

    def __init__(self):
        super().__init__()
        stem, down = nn.Conv2d(3, 8, 4, 4), nn.Conv2d(8, 12, 2, 1)
        self.features = nn.Sequential(
            nn.Sequential(stem, ChannelNorm(8)), ConvNeXtBlock(8), ConvNeXtBlock(8),
            nn.Sequential(ChannelNorm(8), down), ConvNeXtBlock(12))
        self.norm, self.fc = ChannelNorm(12, eps=1e-6), nn.Linear(12, CLASSES)

    def forward(self, x):
        return self.fc(torch.flatten(self.norm(functional.adaptive_avg_pool2d(self.features(x), 1)), 1))


class AcrossChannels(torch.autograd.Function):
    """Local response normalisation as ONNX has it; torch itself exports its parts, with a pooling in three dimensions."""

    @staticmethod
    def forward(context, x, size, alpha, beta, k):
        return functional.local_response_norm(x, size, alpha, beta, k)

    @staticmethod
    def symbolic(graph, x, size, alpha, beta, k):
        return graph.op("LRN", x, size_i=size, alpha_f=alpha, beta_f=beta, bias_f=k).setType(x.type())


class LocalResponseNorm(nn.LocalResponseNorm):
    def forward(self, x):
        return AcrossChannels.apply(x, self.size, self.alpha, self.beta, self.k) if torch.onnx.is_in_onnx_export() else super().forward(x)


class AlexNet(nn.Module):
    """Local response normalisation, convolution in groups, and linear layers that see where things are."""

    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 8, 5, 2, 2), nn.ReLU(), LocalResponseNorm(5, alpha=0.5, k=2), nn.MaxPool2d(3, 2, ceil_mode=True),
            nn.Conv2d(8, 12, 3, padding=2, dilation=2, groups=2), nn.LeakyReLU(0.1), nn.MaxPool2d(2))
        self.fc = nn.Sequential(nn.Dropout(), nn.Linear(12 * 3 * 2, 12), nn.ReLU(), nn.Dropout(), nn.Linear(12, CLASSES))

    def forward(self, x):
        return self.fc(torch.flatten(self.features(x), 1))


class Fire(nn.Module):
    """A squeeze, then branches with kernels of several shapes, and pooled ones, side by side."""

    def __init__(self, inputs, outputs):
        super().__init__()
        self.squeeze = nn.Conv2d(inputs, 4, 1)
        self.one, self.pooled = nn.Conv2d(4, outputs, 1), nn.Conv2d(4, outputs, 1)
        self.long = nn.Sequential(nn.Conv2d(4, 4, (1, 7), padding=(0, 3)), nn.ReLU(), nn.Conv2d(4, outputs, (7, 1), padding=(3, 0)))

    def forward(self, x):
        x = functional.relu(self.squeeze(x))
        return functional.relu(torch.cat([self.one(x), self.long(x), self.pooled(functional.avg_pool2d(x, 3, 1, 1))], 1))


class SqueezeNet(nn.Module):
    """No linear layer: the pooled channels are the classes."""

    def __init__(self):
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 6, 3, 2), nn.ReLU(), Fire(6, 4), nn.MaxPool2d(3, 2, ceil_mode=True), Fire(12, 4), nn.Conv2d(12, CLASSES, 1))

    def forward(self, x):
        return torch.flatten(functional.adaptive_avg_pool2d(self.features(x), 1), 1)


# Modules for early, middle and, where no global pooling reads it, last; and the opsets, so that every kind of file is there twice.
NETWORKS = {
    "resnet": (resnet, ("features.1", "features.2", None), (9, 13)),
    "mobilenet": (MobileNet, ("features.0", "features.1", None), (17,)),
    "densenet": (densenet, ("features.0", "features.3", None), (9,)),
    "shufflenet": (shufflenet, ("features.0", "features.3.body", None), (13,)),
    "convnext": (ConvNeXt, ("features.1", "features.3", None), (13, 17)),
    "alexnet": (AlexNet, ("features.2", "features.3", "features"), (17,)),
    "squeezenet": (SqueezeNet, ("features.1", "features.3", None), (9,)),
}


def main():
    folder = pathlib.Path(__file__).resolve().parent.parent / "GpuCam.Tests" / "Golden" / "peers"
    folder = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else folder
    torch.set_num_threads(1)
    for i, (name, (create, places, opsets)) in enumerate(NETWORKS.items()):
        seed = 10 * (i + 1)
        model = peer.randomise(create(), seed, HEIGHT, WIDTH)
        about = {"architecture": f"tiny {name}", "seed": seed}
        manifest = peer.write(folder / name, model, places, peer.images(2, HEIGHT, WIDTH, seed + 2), opsets, about)
        for missing in manifest["not exported"]:
            sys.exit(f"{name}, opset {missing['opset']}: {missing['why']}")


if __name__ == "__main__":
    main()
