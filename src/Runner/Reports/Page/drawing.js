// Pictures of maps on canvases, and the value under the pointer.

const BOX_COLORS = { truth: "#1b1e22", guess: "#ff2bd6", halo: "rgb(255 255 255 / .85)" };

/** What the look of a map depends on. */
const LOOK = ["view", "boxes", "colors", "opacity", "threshold"];

/** Thin stripes that darken and lighten, over what the network did not see. */
const unseenPattern = (() => {
  let tile = null;
  return context => {
    if (!tile) {
      tile = new OffscreenCanvas(8, 8);
      const stripes = tile.getContext("2d");
      stripes.fillStyle = "rgb(22 25 28 / .5)";
      stripes.fillRect(0, 0, 8, 8);
      stripes.strokeStyle = "rgb(255 255 255 / .22)";
      stripes.lineWidth = 1.2;
      for (const shift of [-8, 0, 8]) {
        stripes.moveTo(shift - 1, 9);
        stripes.lineTo(shift + 9, -1);
      }
      stripes.stroke();
    }
    return context.createPattern(tile, "repeat");
  };
})();

/** A canvas for one map: it draws itself, says what it shows, and answers with the value under the pointer. */
class MapCanvas {
  /** A small one draws the colours of large maps with less detail. */
  constructor(gallery, { small = false } = {}) {
    this.gallery = gallery;
    this.small = small;
    this.canvas = el("canvas", { role: "img", "aria-label": "Map", width: 1, height: 1 });
    this.canvas.addEventListener("pointermove", event => this.read(event));
    this.canvas.addEventListener("pointerdown", event => this.read(event));
    this.canvas.addEventListener("pointerleave", () => { tip.hide(); this.onvalue?.(null); });
  }

  /**
   * Draws the map of an item at a place on the axis: at once where the picture is at hand, else when it is decoded. Whoever draws many
   * measures once: every measuring lays the page out anew.
   */
  show(item, frameIndex, look, shownWidth = this.canvas.clientWidth) {
    const image = this.gallery.images[item.image], frame = item.frames[frameIndex], { columns, rows } = inputSize(image);
    const shrink = this.small && !isSharp(image) ? Math.max(1, Math.max(columns, rows) / 112) : 1;
    this.grid = { columns: Math.max(1, Math.round(columns / shrink)), rows: Math.max(1, Math.round(rows / shrink)) };
    this.shownWidth = shownWidth || 104;
    this.raw = null;
    // Methods that end in a ReLU are coloured after it; the value under the pointer is always the raw one.
    this.shown = frame ? Maps.enlarge(frame.map, this.grid.columns, this.grid.rows, this.gallery.axis[frameIndex].resize, !!frame.rectified) : null;
    this.range = this.shown ? Maps.range(this.shown) : null;
    Object.assign(this, { item, image, frame, frameIndex });
    this.canvas.style.aspectRatio = this.small ? "" : `${image.width} / ${image.height}`;
    this.canvas.classList.toggle("smooth", !isSharp(image));
    this.canvas.setAttribute("aria-label", this.describe(look.view));
    const wanted = this.wanted = {};
    if (Pictures.get(image)) return this.paint(look);
    return Pictures.load(image).then(() => { if (this.wanted === wanted) this.paint(look); });
  }

  /** Gives its memory back. */
  release() {
    this.wanted = this.shown = this.raw = null;
    this.canvas.width = this.canvas.height = 1;
  }

  paint(look) {
    const { image, canvas } = this, picture = Pictures.get(image), sharp = isSharp(image), part = seenPart(image), { view } = look;
    if (!picture) return;
    const density = this.shownWidth * Math.min(2, devicePixelRatio);
    // Whole multiples keep every pixel square and sharp.
    const scale = sharp ? Math.max(1, Math.ceil(density / image.width)) : density / (this.small ? Math.max(image.width, image.height) : image.width);
    canvas.width = Math.max(1, Math.round(image.width * scale));
    canvas.height = Math.max(1, Math.round(image.height * scale));
    this.scale = canvas.width / image.width;
    const context = this.context = canvas.getContext("2d"), seen = [part.x, part.y, part.width, part.height].map(side => side * this.scale);
    context.imageSmoothingEnabled = !sharp;
    context.imageSmoothingQuality = "high";
    const coloured = this.shown !== null && !this.frame.note && view !== "input";
    context.drawImage(picture, 0, 0, canvas.width, canvas.height);
    if (image.inverted && view !== "input") this.fill("difference", "white");    // as in the PNG files
    if (image.seen && view !== "input") this.shade(seen);
    if (coloured && view === "map") {
      context.fillStyle = "#808080";
      context.fillRect(...seen);
    }
    if (coloured) {
      const { columns, rows } = this.grid, source = new OffscreenCanvas(columns, rows);
      source.getContext("2d").putImageData(Maps.raster(this.shown, columns, rows, this.range, colorTables[look.colors], view === "map" ? 1 : look.opacity, look.threshold), 0, 0);
      context.drawImage(source, ...seen);
    }
    if (look.boxes) {
      if (this.item.box) this.outline(this.item.box, BOX_COLORS.truth, []);
      if (this.frame?.box) this.outline(this.frame.box, BOX_COLORS.guess, [5, 3]);
    }
  }

  fill(operation, style) {
    this.context.globalCompositeOperation = operation;
    this.context.fillStyle = style;
    this.context.fillRect(0, 0, this.canvas.width, this.canvas.height);
    this.context.globalCompositeOperation = "source-over";
  }

  /** What the network did not see loses its colour and is hatched. */
  shade([x, y, width, height]) {
    const context = this.context;
    context.save();
    context.beginPath();
    context.rect(0, 0, this.canvas.width, this.canvas.height);
    context.rect(x, y, width, height);
    context.clip("evenodd");
    this.fill("saturation", "#808080");
    this.fill("source-over", unseenPattern(context));
    context.restore();
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

  /** The pixel of the image where the map is greatest. */
  peak() {
    const part = seenPart(this.image), { columns, rows } = this.grid, { at } = this.range;
    return [part.x + Math.floor((at % columns + 0.5) * part.width / columns), part.y + Math.floor((Math.floor(at / columns) + 0.5) * part.height / rows)];
  }

  /** The picture in words. */
  describe(view) {
    const { item, image, frame } = this;
    const place = placeName(this.gallery.axis[this.frameIndex]);
    if (!frame) return `${image.name}, ${place}: there is no map`;
    const parts = [`${{ overlay: "Map over the image", map: "Map", input: "Input" }[view]} ${image.name}, class ${item.class}, ${place}`];
    if (frame.predicted !== undefined) parts.push(`predicted ${frame.predicted}`);
    if (frame.note) parts.push(frame.note);
    else if (this.range) parts.push(`greatest value ${format.value(this.range.max)} at ${this.peak().join(", ")}`);
    if (isNumber(frame.iou)) parts.push(`overlap of the boxes (IoU) ${frame.iou.toFixed(2)}`);
    return parts.join("; ");
  }

  /** Where the image lies in the window: a canvas may be wider or higher than what it shows. */
  place() {
    const bounds = this.canvas.getBoundingClientRect();
    const scale = Math.min(bounds.width / this.image.width, bounds.height / this.image.height);
    return { scale, left: bounds.left + (bounds.width - scale * this.image.width) / 2, top: bounds.top + (bounds.height - scale * this.image.height) / 2 };
  }

  read(event) {
    if (!this.wanted) return;
    const { scale, left, top } = this.place(), { width, height } = this.image;
    const x = Math.floor((event.clientX - left) / scale), y = Math.floor((event.clientY - top) / scale);
    this.point(Math.max(0, Math.min(width - 1, x)), Math.max(0, Math.min(height - 1, y)), event.clientX, event.clientY);
  }

  /** Shows the value of one pixel of the image. */
  point(x, y, clientX, clientY) {
    if (!this.frame) return;
    const part = seenPart(this.image), { columns, rows } = inputSize(this.image);
    const column = Math.floor((x - part.x + 0.5) / part.width * columns), row = Math.floor((y - part.y + 0.5) / part.height * rows);
    if (column < 0 || row < 0 || column >= columns || row >= rows) {
      tip.show(clientX, clientY, "not seen", "by the network");
      this.onvalue?.(null);
      return;
    }
    this.raw ??= Maps.enlarge(this.frame.map, columns, rows, this.gallery.axis[this.frameIndex].resize);
    if (!this.raw) return;
    const value = this.raw[row * columns + column];
    tip.show(clientX, clientY, format.value(value, 5), `at x ${x}, y ${y}`);
    this.onvalue?.(value, x, y);
  }
}
