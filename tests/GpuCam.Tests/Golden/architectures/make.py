"""Makes logits.json: what PyTorch's networks say of a picture when their weights are a function of name and place.

    apt-get install python3-torch python3-torchvision && python3 make.py

The function is in MadeWeights.cs too, so that no weights are stored. With a folder as argument it writes state dicts as safetensors there,
with the logits of 1,000 classes for a picture of 224x224, for ArchitectureTests with GPUCAM_STATE_DICTS.
"""
import json
import math
import os
import struct
import sys

import numpy as np
import torch
import torchvision
from torch import nn

HERE = os.path.dirname(os.path.abspath(__file__))
CLASSES = 5
SIZES = {"alexnet": 223}
STATE_DICTS = ["alexnet", "vgg11", "vgg16", "googlenet", "resnet18", "resnet34", "resnet50", "squeezenet"]


class Cut(nn.Module):
    """A network's layers up to some, then 3x3x1024, ReLU, the mean of each channel and a linear layer."""

    def __init__(self, layers, channels, classes):
        super().__init__()
        for name, layer in layers:
            setattr(self, name, layer)
        self.cut = [name for name, _ in layers]
        self.cam_conv = nn.Conv2d(channels, 1024, 3, padding=1)
        self.cam_fc = nn.Linear(1024, classes)

    def forward(self, x):
        for name in self.cut:
            x = getattr(self, name)(x)
        return self.cam_fc(torch.relu(self.cam_conv(x)).mean((2, 3)))


def plain(name, classes):
    models = torchvision.models
    if name == "googlenet":
        return models.googlenet(num_classes=classes, aux_logits=False, init_weights=False)
    return getattr(models, "squeezenet1_1" if name == "squeezenet" else name)(num_classes=classes)


def made(name, classes):
    if not name.endswith("-gap"):
        return plain(name, classes)
    basis = plain(name[:-4], classes)
    if name == "googlenet-gap":
        layers = list(basis.named_children())
        return Cut(layers[:[child for child, _ in layers].index("maxpool4")], 832, classes)
    return Cut([("features", basis.features[:-1])], 256 if name == "alexnet-gap" else 512, classes)


def uniform(name, count):
    """From -1 to 1: a hash of FNV-1a of the name and the place."""
    seed = 2166136261
    for byte in name.encode():
        seed = ((seed ^ byte) * 16777619) & 0xFFFFFFFF
    x = np.arange(count, dtype=np.uint32) * np.uint32(0x9E3779B9) + np.uint32(seed)
    x ^= x >> np.uint32(16)
    x *= np.uint32(0x7FEB352D)
    x ^= x >> np.uint32(15)
    x *= np.uint32(0x846CA68B)
    x ^= x >> np.uint32(16)
    return (x >> np.uint32(8)).astype(np.float32) / np.float32(1 << 23) - np.float32(1)


def value(name, shape):
    x = uniform(name, int(np.prod(shape)))
    if len(shape) > 1:
        x = x * np.float32(math.sqrt(6 / np.prod(shape[1:])))
    elif name.endswith("running_var"):
        x = np.float32(1) + np.float32(0.5) * x
    elif name.endswith("weight"):
        x = np.float32(1) + np.float32(0.25) * x
    else:
        x = np.float32(0.125) * x
    return torch.from_numpy(x.reshape(shape))


def filled(network):
    state = network.state_dict()
    network.load_state_dict(
        {name: tensor if tensor.dtype == torch.int64 else value(name, tuple(tensor.shape)) for name, tensor in state.items()})
    return network.eval()


def logits(network, size):
    picture = torch.from_numpy(uniform("picture", 3 * size * size).reshape(1, 3, size, size))
    with torch.no_grad():
        return [float(x) for x in network(picture)[0]]


def write_safetensors(path, state):
    header, data, offset = {"__metadata__": {"format": "pt"}}, [], 0
    for name in sorted(state):
        raw = state[name].contiguous().numpy().tobytes()
        kind = "I64" if state[name].dtype == torch.int64 else "F32"
        header[name] = {"dtype": kind, "shape": list(state[name].shape), "data_offsets": [offset, offset + len(raw)]}
        offset += len(raw)
        data.append(raw)
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text + b"".join(data))


def main():
    if len(sys.argv) > 1:
        for name in STATE_DICTS:
            torch.manual_seed(1)
            network = plain(name, 1000)
            for module in network.modules():
                if isinstance(module, nn.BatchNorm2d):
                    module.running_mean.uniform_(-0.2, 0.2)
                    module.running_var.uniform_(0.5, 1.5)
            network.eval()
            write_safetensors(os.path.join(sys.argv[1], name + ".safetensors"), network.state_dict())
            with open(os.path.join(sys.argv[1], name + ".json"), "w") as file:
                json.dump(logits(network, 224), file)
        return

    names = ["alexnet", "googlenet", "resnet18", "resnet34", "resnet50", "squeezenet", "alexnet-gap", "vgg11-gap", "vgg16-gap", "googlenet-gap"]
    result = {}
    for name in names:
        size = SIZES.get(name, 64)
        result[name] = {"size": size, "logits": logits(filled(made(name, CLASSES)), size)}
    with open(os.path.join(HERE, "logits.json"), "w") as file:
        json.dump(result, file, indent=1)
        file.write("\n")


if __name__ == "__main__":
    main()
