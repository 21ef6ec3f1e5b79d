// Boxes around maps: of what lies above a share of the maximum, the largest part that hangs together, corners included.

/** The box of that part: x0, y0, x1, y1, both corners inside; null where no value is above 0 or one is not finite. */
function largestBox(values, width, share) {
  let max = 0;
  for (const value of values) {
    if (!Number.isFinite(value)) return null;
    if (value > max) max = value;
  }
  if (max <= 0) return null;
  // As on the server, which multiplies in single precision.
  const threshold = Math.fround(Math.fround(share) * max), height = values.length / width;
  const open = Uint8Array.from(values, value => value > threshold ? 1 : 0), queue = new Int32Array(values.length);
  let largest = 0, box = null;
  for (let first = 0; first < values.length; first++) {
    if (!open[first]) continue;
    let count = 0, x0 = width, y0 = height, x1 = -1, y1 = -1;
    open[first] = 0;
    queue[count++] = first;
    for (let next = 0; next < count; next++) {
      const x = queue[next] % width, y = (queue[next] - x) / width;
      [x0, y0, x1, y1] = [Math.min(x0, x), Math.min(y0, y), Math.max(x1, x), Math.max(y1, y)];
      for (let ny = Math.max(0, y - 1); ny <= Math.min(height - 1, y + 1); ny++) {
        for (let nx = Math.max(0, x - 1); nx <= Math.min(width - 1, x + 1); nx++) {
          const neighbour = ny * width + nx;
          if (!open[neighbour]) continue;
          open[neighbour] = 0;
          queue[count++] = neighbour;
        }
      }
    }
    if (count > largest) [largest, box] = [count, [x0, y0, x1, y1]];
  }
  return box;
}
