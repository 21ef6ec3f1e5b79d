// Pictures: from base64 to bitmaps, decoded when they are wanted. Those wanted last are kept, within a bound.

const Pictures = {
  /** Pixels that are kept decoded, at four bytes each. */
  most: 16e6,
  kept: new Map(),
  pixels: 0,

  /** The bitmap of an image, if it is at hand. */
  get(image) {
    const bitmap = this.kept.get(image);
    if (bitmap) {
      this.kept.delete(image);
      this.kept.set(image, bitmap);
    }
    return bitmap;
  },

  /** Decodes an image; nobody waits for one that is at hand. */
  async load(image) {
    if (this.get(image)) return;
    // Two who want it at once wait for the same.
    await (image.loading ??= this.decode(image).finally(() => { image.loading = null; }));
  },

  async decode(image) {
    const bitmap = await createImageBitmap(new Blob([bytesOf(image.picture)], { type: image.type }));
    this.kept.set(image, bitmap);
    this.pixels += bitmap.width * bitmap.height;
    for (const [other, old] of this.kept) {
      if (this.pixels <= this.most || other === image) break;
      this.kept.delete(other);
      this.pixels -= old.width * old.height;
      old.close();
    }
  },
};

/** The part of an image that the network saw: x, y, width and height in the image's pixels. */
function seenPart(image) {
  if (!image.seen) return { x: 0, y: 0, width: image.width, height: image.height };
  const [x0, y0, x1, y1] = image.seen;
  return { x: x0, y: y0, width: x1 - x0 + 1, height: y1 - y0 + 1 };
}

/** Pixels of the network's input. */
const inputSize = image => ({ columns: image.columns ?? image.width, rows: image.rows ?? image.height });

/** Small images keep their pixels square and sharp; photographs are smooth. */
const isSharp = image => Math.max(image.width, image.height) <= 128 || image.columns === undefined;
