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
