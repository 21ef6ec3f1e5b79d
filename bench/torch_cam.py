#!/usr/bin/env python3
"""What `gpucam cam --method gradcam` does, as one writes it in PyTorch: the other side of the cold start in onnx_compare.py.

    torch_cam.py WEIGHTS.pth PHOTOGRAPH OVERLAY.png [THREADS]

ResNet-18, the photograph as ImageNet's networks want it, Grad-CAM of the likeliest class at the last stage, an overlay in the
photograph's size. Needs Debian's python3-torch, python3-torchvision and python3-pil.
"""
import sys

import numpy
import torch
import torchvision
from PIL import Image
from torch.nn import functional

MEAN, DEVIATION = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def main(weights, photograph, overlay, threads="2"):
    torch.set_num_threads(int(threads))
    model = torchvision.models.resnet18(weights=None)
    model.load_state_dict(torch.load(weights))
    model.eval().requires_grad_(False)

    picture = Image.open(photograph).convert("RGB")
    scale = 256 / min(picture.size)
    small = picture.resize([round(scale * side) for side in picture.size], Image.BILINEAR)
    left, top = ((side - 224) // 2 for side in small.size)
    image = numpy.asarray(small.crop((left, top, left + 224, top + 224)), dtype=numpy.float32) / 255
    x = torch.from_numpy((image - MEAN) / DEVIATION).float().permute(2, 0, 1)[None]

    with torch.no_grad():
        features = torch.nn.Sequential(*list(model.children())[:-2])(x)
    features.requires_grad_(True)
    logits = model.fc(features.mean((2, 3)))
    gradient, = torch.autograd.grad(logits.max(), features)
    cam = (gradient.mean((2, 3), keepdim=True) * features.detach()).sum(1, keepdim=True).relu()
    side = round(224 / scale)
    cam = functional.interpolate(cam, (side, side), mode="bilinear", align_corners=False)[0, 0].numpy()
    cam = (cam - cam.min()) / max(cam.max() - cam.min(), 1e-12)

    heat = numpy.zeros((picture.height, picture.width), numpy.float32)
    left, top = (picture.width - side) // 2, (picture.height - side) // 2
    heat[max(0, top):top + side, max(0, left):left + side] = cam[max(0, -top):picture.height - top, max(0, -left):picture.width - left]
    colours = numpy.clip(1.5 - numpy.abs(4 * heat[..., None] - (3, 2, 1)), 0, 1)
    Image.fromarray((255 * (0.5 * numpy.asarray(picture) / 255 + 0.5 * colours)).astype(numpy.uint8)).save(overlay)


if __name__ == "__main__":
    main(*sys.argv[1:])
