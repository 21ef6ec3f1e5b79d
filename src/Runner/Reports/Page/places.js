// Where the values of a map lie on its image.

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
