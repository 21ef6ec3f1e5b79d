"""Makes expected.json: what the public evaluation code of arXiv 2001.07437 (clovaai/wsolevaluation) says of made score maps.

    python3 make.py FOLDER_OF_ITS_CODE > expected.json

Needs numpy, PyTorch and OpenCV. All is made of whole numbers, as PublicCodeTests makes it again, so no map has to be stored.
"""

import json
import os
import sys
import tempfile
import types

import cv2
import numpy as np

COUNT = 32
SIDE = 224
AT = [0, 0.05, 0.1, 0.2, 0.35, 0.5, 0.7, 0.9]


def number(*key):
    value = 17
    for part in key:
        value = (value * 1000003 + part * 7919 + 12345) % 2147483647
    return value // 8


def between(low, high, *key):
    return low + number(*key) % (high - low + 1)


def bump(i, k):
    return between(10, 213, i, k, 1), between(10, 213, i, k, 2), between(8, 70, i, k, 3)


def whole(i, rows, columns):
    """The map of picture i in whole numbers, as if it had SIDE x SIDE pixels and were looked at at rows x columns places."""
    y, x = np.meshgrid(np.arange(rows) * SIDE // rows, np.arange(columns) * SIDE // columns, indexing="ij")
    kind = i % 8
    if kind in (0, 4, 6):
        value = np.zeros((rows, columns), dtype=np.int64)
        for k in range(3):
            cx, cy, r = bump(i, k)
            value = np.maximum(value, np.maximum(0, r - np.maximum(abs(x - cx), abs(y - cy))) * (k + 2))
        if kind == 4:
            return value // 25
        return value if kind == 0 else value * (1 + (x // 3 + y // 5) % 2)
    if kind == 1:
        return sum(np.maximum(0, 2 * r - abs(x - cx) - abs(y - cy)) for cx, cy, r in (bump(i, k) for k in range(3)))
    if kind == 2:
        return np.where((x < 60) & (y < 60), ((x * 7919 + y * 104729 + i * 31) * (x + 3 * y + 7) % 10007) % 1001, x + y)
    if kind == 3:
        cx, cy, r = bump(i, 0)
        far = np.maximum(abs(x - cx), abs(y - cy))
        return np.maximum(np.maximum(0, 12 - abs(far - r)) * 5, np.maximum(0, r // 3 - abs(x - cx) - abs(y - cy)))
    if kind == 5:
        sparse = (x * 31 + y * 17 + x * y + i) % 97
        return np.where(sparse < 2, sparse + 1, 0)
    if i % 32 == 7:
        return np.zeros((rows, columns), dtype=np.int64)
    if i % 32 == 15:
        return np.ones((rows, columns), dtype=np.int64)
    return x + 2 * y


def scoremap(i, rows, columns):
    value = whole(i, rows, columns)
    score = value / max(1, value.max())
    return score.astype(np.float32).astype(float) if i % 2 else score


def size(i):
    return between(90, 560, i, 51), between(70, 430, i, 52)


def boxes(i):
    width, height = size(i)
    made = []
    for k in range(1 + number(i, 61) % 3):
        cx, cy, r = bump(i, k)
        r = r * between(50, 110, i, k, 62) // 100
        made.append((max(0, cx - r) * width // SIDE, max(0, cy - r) * height // SIDE,
                     min(SIDE - 1, cx + r) * width // SIDE, min(SIDE - 1, cy + r) * height // SIDE))
    return made


def masks(i):
    """Zeros and ones: of the object, one or two, and of what does not count."""
    width, height = between(60, 400, i, 71), between(60, 400, i, 72)
    y, x = np.meshgrid(np.arange(height), np.arange(width), indexing="ij")
    made = []
    for k in range(1 + number(i, 73) % 2):
        cx, cy, r = bump(i, k)
        made.append((abs(x * SIDE - cx * width) * height + abs(y * SIDE - cy * height) * width <= r * width * height).astype(np.uint8))
    cx, cy, r = bump(i, 2)
    return made, ((abs(x * SIDE - cx * width) <= r * width) & (abs(y * SIDE - cy * height) <= r * height)).astype(np.uint8)


def write(root):
    for name in ("CUB", "OpenImages"):
        folder = os.path.join(root, "metadata", name, "test")
        os.makedirs(folder)
        open(os.path.join(folder, "image_ids.txt"), "w").writelines(f"test/{i}.jpg\n" for i in range(COUNT))
        open(os.path.join(folder, "class_labels.txt"), "w").writelines(f"test/{i}.jpg,0\n" for i in range(COUNT))
        open(os.path.join(folder, "image_sizes.txt"), "w").writelines("test/%d.jpg,%d,%d\n" % (i, *size(i)) for i in range(COUNT))
        with open(os.path.join(folder, "localization.txt"), "w") as lines:
            for i in range(COUNT):
                if name == "CUB":
                    lines.writelines("test/%d.jpg,%d,%d,%d,%d\n" % (i, *box) for box in boxes(i))
                    continue
                objects, ignored = masks(i)
                for k, mask in enumerate(objects):
                    save(root, f"{i}_{k}.png", mask)
                    lines.write(f"test/{i}.jpg,{i}_{k}.png,{f'{i}_ignore.png' if k == 0 else ''}\n")
                save(root, f"{i}_ignore.png", ignored)


def save(root, name, mask):
    os.makedirs(os.path.join(root, "masks", "OpenImages"), exist_ok=True)
    cv2.imwrite(os.path.join(root, "masks", "OpenImages", name), mask * 255)


def main():
    np.float, np.int = float, int
    sys.path.insert(0, sys.argv[1])
    munch = types.ModuleType("munch")
    munch.Munch = type("Munch", (dict,), {"__getattr__": dict.__getitem__, "__setattr__": dict.__setitem__})
    sys.modules["munch"] = munch
    import evaluation
    import inference
    out, sys.stdout = sys.stdout, sys.stderr
    expected = {"opencv": cv2.__version__, "runs": []}
    with tempfile.TemporaryDirectory() as root:
        write(root)
        # Maps of the code's own size as they are, and small ones that it enlarges itself.
        for name, interval, shape in (("own size", .001, (SIDE, SIDE)), ("own size", .02, (SIDE, SIDE)), ("small", .02, (17, 14))):
            maps = os.path.join(root, f"{name} {interval}", "test")
            os.makedirs(maps)
            for i in range(COUNT):
                score = scoremap(i, *shape)
                if shape != (SIDE, SIDE):
                    score = cv2.resize(score, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)
                    score = inference.normalize_scoremap(score)
                np.save(os.path.join(maps, f"{i}.jpg"), score)
            common = dict(scoremap_root=os.path.dirname(maps), metadata_root=os.path.join(root, "metadata"),
                          mask_root=os.path.join(root, "masks"), split="test", cam_curve_interval=interval)
            box = evaluation.evaluate_wsol(dataset_name="CUB", multi_contour_eval=False, multi_iou_eval=False,
                                           iou_threshold_list=[30, 50, 70], **common)
            run = {"maps": name, "rows": shape[0], "columns": shape[1], "interval": interval, "max_box_acc": box}
            if interval > .001:
                run["v2_each"] = [evaluation.evaluate_wsol(dataset_name="CUB", multi_contour_eval=True, multi_iou_eval=True,
                                                           iou_threshold_list=[limit], **common) for limit in (30, 50, 70)]
                run["max_box_acc_v2"] = evaluation.evaluate_wsol(dataset_name="CUB", multi_contour_eval=True, multi_iou_eval=True,
                                                                 iou_threshold_list=[30, 50, 70], **common)
            run["px_ap"] = evaluation.evaluate_wsol(dataset_name="OpenImages", multi_contour_eval=False, multi_iou_eval=False,
                                                    iou_threshold_list=[50], **common)
            expected["runs"].append(run)
    expected["boxes"] = []
    for i in range(COUNT):
        score = scoremap(i, SIDE, SIDE)
        largest, _ = evaluation.compute_bboxes_from_scoremaps(score, AT, False)
        all_boxes, _ = evaluation.compute_bboxes_from_scoremaps(score, AT, True)
        expected["boxes"].append([{"largest": one[0].tolist(), "count": len(every), "sum": every.sum(axis=0).tolist()}
                                  for one, every in zip(largest, all_boxes)])
    out.write(json.dumps(expected) + "\n")


main()
