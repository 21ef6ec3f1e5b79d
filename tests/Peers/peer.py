"""What export.py and tiny.py share: seeded weights, seeded images, what torch computes, and the files that PeerTests.cs reads.

A folder per network: ONNX files of several opsets, torch's numbers in float64 saved as float32 .npy, and manifest.json, which tells
which file holds which value. Images and values are NCHW, maps [N, h, w], raw and signed.
"""
import contextlib
import json
import pathlib
import warnings

import numpy
import onnx
import torch
from torch import nn
from torch.nn import functional
from torch.onnx import TrainingMode

OPSETS = (9, 13, 17)
VALUES = ("early", "middle", "last")


def images(count, height, width, seed):
    """Pictures with large and small structure, about as bright as normalised photographs."""
    generator = torch.Generator().manual_seed(seed)
    coarse = torch.randn(count, 3, 6, 6, generator=generator)
    fine = torch.randn(count, 3, height, width, generator=generator)
    return functional.interpolate(coarse, (height, width), mode="bilinear", align_corners=False) + 0.3 * fine


def randomise(model, seed, height, width):
    """Weights from the seed, logits of order 1 to 10. Affine parameters of every normalisation are random and its statistics are those
    of eight pictures: none is near 0 or 1, so that what folds them wrongly shows."""
    generator = torch.Generator().manual_seed(seed)

    def normal(parameter, deviation, mean=0.0):
        parameter.copy_(torch.randn(parameter.shape, generator=generator) * deviation + mean)

    def uniform(parameter, low, high):
        parameter.copy_(torch.rand(parameter.shape, generator=generator) * (high - low) + low)

    norms = [module for module in model.modules() if isinstance(module, nn.BatchNorm2d)]
    with torch.no_grad():
        for module in model.modules():
            if hasattr(module, "inplace"):
                module.inplace = False  # a value that was asked for must not be overwritten
            affine = isinstance(module, (nn.BatchNorm2d, nn.LayerNorm))
            for name, parameter in module.named_parameters(recurse=False):
                if name == "layer_scale" or affine and name == "weight":
                    uniform(parameter, 0.5, 1.5)
                elif affine or parameter.dim() == 1:
                    normal(parameter, 0.2)
                else:
                    normal(parameter, (2 / parameter[0].numel()) ** 0.5)
        model.eval()
        for norm in norms:
            norm.reset_running_stats()
            norm.momentum = None  # one pass sets the statistics
            norm.train()
        sample = images(8, height, width, seed + 1)
        model(sample)
        for norm in norms:
            norm.eval()
            norm.momentum = 0.1
        last = [module for module in model.modules() if isinstance(module, (nn.Linear, nn.Conv2d))][-1]
        factor = 3 / model(sample).std()
        last.weight *= factor
        if last.bias is not None:
            last.bias *= factor
    return model


class Watched(nn.Module):
    """A model whose inner values are outputs too: what two modules return, and what the last global average pooling reads (or what a
    third module returns)."""

    def __init__(self, model, early, middle, last):
        super().__init__()
        self.model = model
        self.places = dict(zip(VALUES, (early, middle, last)))

    def forward(self, x):
        found = {}
        modules = dict(self.model.named_modules())
        hooks = [
            modules[place].register_forward_hook(lambda module, inputs, output, name=name: found.__setitem__(name, output))
            for name, place in self.places.items()
            if place
        ]
        try:
            with pooling_watched(lambda pooled: found.__setitem__("last", pooled) if not self.places["last"] else None):
                logits = self.model(x)
        finally:
            for hook in hooks:
                hook.remove()
        return (logits, *(found[name] for name in VALUES))


@contextlib.contextmanager
def pooling_watched(report):
    """Reports what is averaged over rows and columns while this lasts, whether by a module or in a forward function."""
    pool, mean = functional.adaptive_avg_pool2d, torch.Tensor.mean

    def watched_pool(x, size):
        if size in (1, (1, 1)):
            report(x)
        return pool(x, size)

    def watched_mean(x, *args, **kwargs):
        if args and args[0] in ([2, 3], (2, 3)):
            report(x)
        return mean(x, *args, **kwargs)

    functional.adaptive_avg_pool2d, torch.Tensor.mean = watched_pool, watched_mean
    try:
        yield
    finally:
        functional.adaptive_avg_pool2d, torch.Tensor.mean = pool, mean


def maps(value, gradient, lift):
    """Grad-CAM, LayerCAM (lifted by tanh(2 L / max L) where another convolution follows) and HiResCAM, before any ReLU."""
    gradcam = (gradient.mean((2, 3), keepdim=True) * value).sum(1)
    layercam = (gradient.relu() * value).sum(1)
    if lift:
        largest = layercam.flatten(1).amax(1)[:, None, None]
        layercam = torch.where(largest > 0, torch.tanh(2 * layercam / largest), layercam)
    return {"gradcam": gradcam, "layercam": layercam, "hirescam": (gradient * value).sum(1)}


def save(folder, name, tensor):
    numpy.save(folder / name, tensor.detach().numpy().astype("<f4"))
    return name


def write_numbers(folder, watched, pictures, about):
    """Everything but the ONNX files: torch's logits, inner values and maps of each picture's likeliest class, and the manifest."""
    logits, *values = watched.double()(pictures.double())
    classes = logits.argmax(1)
    gradients = torch.autograd.grad(logits.gather(1, classes[:, None]).sum(), values)
    watched.float()
    return {
        **about,
        "torch": torch.__version__,
        "images": save(folder, "images.npy", pictures),
        "logits": save(folder, "logits.npy", logits),
        "classes": classes.tolist(),
        "values": {name: save(folder, f"{name}.npy", value) for name, value in zip(VALUES, values)},
        "maps": {
            name: {
                method: save(folder, f"{method}_{name}.npy", found)
                for method, found in maps(value, gradient, lift=name != "last").items()
            }
            for name, value, gradient in zip(VALUES, values, gradients)
        },
    }


def export(watched, pictures, path, opset):
    """Three shapes of file, as they occur: opset 9 with BatchNormalization left unfused and weights among the inputs, 13 with a free
    batch and the inner values as outputs, later ones with batch 1 and one output."""
    dynamic = {"images": {0: "batch"}, "logits": {0: "batch"}} if opset == 13 else None
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            watched, pictures[:1], str(path), opset_version=opset, dynamic_axes=dynamic,
            input_names=["images"], output_names=["logits", *VALUES], keep_initializers_as_inputs=opset == 9,
            training=TrainingMode.PRESERVE if opset == 9 else TrainingMode.EVAL)
    if opset != 13:
        model = onnx.load(str(path))
        del model.graph.output[1:]
        onnx.save(model, str(path))


def write(folder, model, places, pictures, opsets, about):
    """One folder: numbers, ONNX files, manifest. What cannot be exported is named in it, with torch's reason."""
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    watched = Watched(model, *places)
    manifest = write_numbers(folder, watched, pictures, about)
    manifest["models"], manifest["not exported"] = [], []
    for opset in opsets:
        name = f"opset{opset}.onnx"
        try:
            with torch.no_grad():
                export(watched, pictures, folder / name, opset)
            manifest["models"].append(name)
        except (RuntimeError, torch.onnx.errors.OnnxExporterError) as error:
            (folder / name).unlink(missing_ok=True)
            manifest["not exported"].append({"opset": opset, "why": str(error).strip().splitlines()[0]})
    (folder / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
    return manifest
