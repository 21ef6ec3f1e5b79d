"""Makes scaled.json: what Pillow makes of pictures that ScaledPictureTests draws by the same formula, and of the photographs.

    apt-get install python3-pil && python3 make.py

The sizes and offsets of "crop" are those of torchvision's Resize and CenterCrop, written out.
"""
import base64
import json
import os

from PIL import Image

HERE = os.path.dirname(os.path.abspath(__file__))
PHOTOGRAPHS = os.path.join(HERE, "..", "..", "..", "..", "data", "photographs")
FILTERS = {"nearest": Image.NEAREST, "bilinear": Image.BILINEAR, "bicubic": Image.BICUBIC, "lanczos": Image.LANCZOS}
SIZES = [((37, 23), (8, 5)), ((37, 23), (13, 23)), ((5, 3), (11, 8)), ((1, 1), (3, 2)), ((100, 3), (9, 2)), ((3, 100), (2, 9)), ((9, 8), (9, 13))]
CROPS = [((37, 23), 16, (14, 14)), ((23, 38), 17, (14, 14)), ((12, 10), 16, (14, 14)), ((61, 20), 16, (13, 9))]


def drawn(width, height):
    """Rough, and smooth in places; the formula is in ScaledPictureTests too."""
    values = [(x * x * 7 + y * 13 + x * y * 3 + c * 91) % 256 if (x + y) % 11 < 6 else (9 * x + 5 * y + 40 * c) % 256
              for y in range(height) for x in range(width) for c in range(3)]
    return Image.frombytes("RGB", (width, height), bytes(values))


def encoded(image):
    return base64.b64encode(image.tobytes()).decode()


def cropped(image, shorter, size):
    width, height = image.size
    if width <= height:
        image = image.resize((shorter, int(shorter * height / width)), Image.BILINEAR)
    else:
        image = image.resize((int(shorter * width / height), shorter), Image.BILINEAR)
    left, top = int(round((image.width - size[0]) / 2.0)), int(round((image.height - size[1]) / 2.0))
    return image.crop((left, top, left + size[0], top + size[1]))


def main():
    scaled = [{"width": w, "height": h, "new_width": nw, "new_height": nh, "filter": name,
               "pixels": encoded(drawn(w, h).resize((nw, nh), how))}
              for (w, h), (nw, nh) in SIZES for name, how in FILTERS.items()]
    crops = [{"width": w, "height": h, "resize": shorter, "new_width": cw, "new_height": ch,
              "pixels": encoded(cropped(drawn(w, h), shorter, (cw, ch)))}
             for (w, h), shorter, (cw, ch) in CROPS]
    photographs = [{"file": name, "new_width": 24, "new_height": 18,
                    "pixels": encoded(Image.open(os.path.join(PHOTOGRAPHS, name)).convert("RGB").resize((24, 18), Image.BILINEAR))}
                   for name in sorted(os.listdir(PHOTOGRAPHS)) if name.endswith(".jpg")]
    with open(os.path.join(HERE, "scaled.json"), "w") as file:
        json.dump({"scaled": scaled, "crops": crops, "photographs": photographs}, file, indent=0)
        file.write("\n")


main()
