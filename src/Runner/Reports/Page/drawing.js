// Pictures of maps on canvases, and the value under the pointer.

const BOX_COLORS = { truth: "#1b1e22", guess: "#ff2bd6", halo: "rgb(255 255 255 / .85)" };

/** Decodes every picture of a gallery. */
async function loadPictures(gallery) {
  await Promise.all(gallery.images.map(async image => {
    if (image.pixels) return;
    const picture = await createImageBitmap(new Blob([Uint8Array.from(atob(image.png), letter => letter.charCodeAt(0))], { type: "image/png" }));
    const context = new OffscreenCanvas(image.width, image.height).getContext("2d", { willReadFrequently: true });
    context.drawImage(picture, 0, 0);
    image.pixels = context.getImageData(0, 0, image.width, image.height).data;
  }));
}

/** A canvas for one map: it draws itself, says what it shows, and answers with the value under the pointer. */
class MapCanvas {
  constructor(gallery, interactive = true) {
    this.gallery = gallery;
    this.canvas = el("canvas", { role: "img" });
    if (interactive) {
      this.canvas.addEventListener("pointermove", event => this.read(event));
      this.canvas.addEventListener("pointerdown", event => this.read(event));
      this.canvas.addEventListener("pointerleave", () => { tip.hide(); this.onvalue?.(null); });
    }
  }

  /** Draws the map of an item at a place on the axis. Whoever draws many measures once: every measuring lays the page out anew. */
  show(item, frameIndex, { view, boxes, colors }, shownWidth = this.canvas.clientWidth) {
    this.shownWidth = shownWidth || 104;
    const image = this.gallery.images[item.image], frame = item.frames[frameIndex];
    Object.assign(this, { item, image, frame, frameIndex });
    this.values = frame ? Maps.enlarge(frame.map, image.width, image.height, this.gallery.axis[frameIndex].resize) : null;
    // Methods that end in a ReLU are coloured after it; the value under the pointer is always the raw one.
    this.shown = this.values && frame.rectified ? Maps.enlarge(frame.map, image.width, image.height, this.gallery.axis[frameIndex].resize, true) : this.values;
    this.range = this.shown ? Maps.range(this.shown) : null;
    this.paint(view, colors);
    if (boxes) {
      if (item.box) this.outline(item.box, BOX_COLORS.truth, []);
      if (frame?.box) this.outline(frame.box, BOX_COLORS.guess, [5, 3]);
    }
    this.canvas.setAttribute("aria-label", this.describe(view));
  }

  paint(view, colors) {
    const { width, height, pixels, inverted } = this.image;
    const table = colorTables[colors], shown = this.shown !== null && !this.frame.note;
    const alpha = view === "input" || !shown ? 0 : view === "map" ? 1 : 0.5;
    const invert = inverted && view !== "input";    // as in the PNG files
    const small = new ImageData(width, height), out = small.data;
    const low = shown ? this.range.min : 0, span = shown ? this.range.max - low : 1;
    for (let i = 0; i < width * height; i++) {
      const entry = alpha > 0 ? 3 * Math.max(0, Math.min(255, Math.floor(256 * (this.shown[i] - low) / span))) : 0;
      for (let c = 0; c < 3; c++) {
        const under = invert ? 255 - pixels[4 * i + c] : pixels[4 * i + c];
        out[4 * i + c] = alpha * table[entry + c] + (1 - alpha) * under + 0.5;
      }
      out[4 * i + 3] = 255;
    }
    // Whole multiples keep every pixel square and sharp.
    this.scale = Math.max(1, Math.ceil(this.shownWidth * Math.min(2, devicePixelRatio) / width));
    this.canvas.width = width * this.scale;
    this.canvas.height = height * this.scale;
    const source = new OffscreenCanvas(width, height);
    source.getContext("2d").putImageData(small, 0, 0);
    this.context = this.canvas.getContext("2d");
    this.context.imageSmoothingEnabled = false;
    this.context.drawImage(source, 0, 0, this.canvas.width, this.canvas.height);
  }

  outline([x0, y0, x1, y1], color, dash) {
    const unit = this.canvas.width / this.shownWidth, context = this.context, scale = this.scale;
    const rectangle = [x0 * scale + unit, y0 * scale + unit, (x1 - x0 + 1) * scale - 2 * unit, (y1 - y0 + 1) * scale - 2 * unit];
    context.setLineDash([]);
    context.strokeStyle = BOX_COLORS.halo;
    context.lineWidth = 3.5 * unit;
    context.strokeRect(...rectangle);
    context.setLineDash(dash.map(length => length * unit));
    context.strokeStyle = color;
    context.lineWidth = 1.75 * unit;
    context.strokeRect(...rectangle);
    context.setLineDash([]);
  }

  /** The picture in words. */
  describe(view) {
    const { item, image, frame } = this;
    const place = placeName(this.gallery.axis[this.frameIndex]);
    if (!frame) return `${image.name}, ${place}: there is no map`;
    const parts = [`${{ overlay: "Map over the image", map: "Map", input: "Input" }[view]} ${image.name}, class ${item.class}, ${place}`];
    if (frame.predicted !== undefined) parts.push(`predicted ${frame.predicted}`);
    if (frame.note) parts.push(frame.note);
    else if (this.range) parts.push(`greatest value ${format.value(this.range.max)} at ${this.range.at % image.width}, ${Math.floor(this.range.at / image.width)}`);
    if (isNumber(frame.iou)) parts.push(`overlap of the boxes (IoU) ${frame.iou.toFixed(2)}`);
    return parts.join("; ");
  }

  read(event) {
    const bounds = this.canvas.getBoundingClientRect();
    const x = Math.floor((event.clientX - bounds.left) / bounds.width * this.image.width);
    const y = Math.floor((event.clientY - bounds.top) / bounds.height * this.image.height);
    this.point(Math.max(0, Math.min(this.image.width - 1, x)), Math.max(0, Math.min(this.image.height - 1, y)), event.clientX, event.clientY);
  }

  /** Shows the value of one pixel. */
  point(x, y, clientX, clientY) {
    if (!this.values) return;
    const value = this.values[y * this.image.width + x];
    tip.show(clientX, clientY, format.value(value, 5), `at x ${x}, y ${y}`);
    this.onvalue?.(value, x, y);
  }
}
