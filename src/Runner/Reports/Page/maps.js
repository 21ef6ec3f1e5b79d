// Maps: from base64 to numbers, enlarged to the image exactly as training enlarges them.

const Maps = {
  /** The small map, as numbers; null when it is not finite. Decoded once. */
  values(map) {
    if (map.decoded) return map.decoded;
    if (map.q === undefined) return null;
    const bytes = bytesOf(map.q), levels = new DataView(bytes.buffer);
    const values = new Float64Array(bytes.length / 2);
    for (let i = 0; i < values.length; i++) values[i] = map.min + (levels.getUint16(2 * i, true) / 65535) * (map.max - map.min);
    return map.decoded = values;
  },

  /** Taps of one axis. Whole numbers, as on the device: output o lies at position / (2 * output). */
  axis(input, output, resize) {
    const half = resize === "legacy" ? 0 : 1;
    const taps = [];
    for (let o = 0; o < output; o++) {
      const position = Math.max(0, (2 * o + half) * input - half * output);
      const lower = Math.floor(position / (2 * output));
      taps.push({ lower, upper: Math.min(lower + 1, input - 1), share: (position % (2 * output)) / (2 * output) });
    }
    return taps;
  },

  /** The map at another size, that of the network's input or less, row after row; null when it is not finite. A rectified one has nothing below 0. */
  enlarge(map, width, height, resize, rectify = false) {
    const raw = this.values(map), small = raw && rectify ? raw.map(value => Math.max(0, value)) : raw;
    if (!small || (map.width === width && map.height === height)) return small;
    const columns = this.axis(map.width, width, resize), rows = this.axis(map.height, height, resize);
    const wide = new Float64Array(width * map.height);
    for (let y = 0; y < map.height; y++) {
      for (let x = 0; x < width; x++) {
        const { lower, upper, share } = columns[x];
        wide[y * width + x] = (1 - share) * small[y * map.width + lower] + share * small[y * map.width + upper];
      }
    }
    const large = new Float64Array(width * height);
    for (let y = 0; y < height; y++) {
      const { lower, upper, share } = rows[y];
      for (let x = 0; x < width; x++) large[y * width + x] = (1 - share) * wide[lower * width + x] + share * wide[upper * width + x];
    }
    return large;
  },

  /** Colours of a map: what lies below the threshold, a share of the way from the least value to the greatest, is left clear. */
  raster(values, width, height, { min, max }, table, alpha, threshold) {
    const raster = new ImageData(width, height), out = raster.data, span = max - min;
    for (let i = 0; i < values.length; i++) {
      const share = span > 0 ? (values[i] - min) / span : 0;
      if (share < threshold) continue;
      const entry = 3 * Math.max(0, Math.min(255, Math.floor(256 * share)));
      out[4 * i] = table[entry];
      out[4 * i + 1] = table[entry + 1];
      out[4 * i + 2] = table[entry + 2];
      out[4 * i + 3] = 255 * alpha + 0.5;
    }
    return raster;
  },

  /** Least and greatest value, and where the greatest is. */
  range(values) {
    let min = Infinity, max = -Infinity, at = 0;
    for (let i = 0; i < values.length; i++) {
      if (values[i] < min) min = values[i];
      if (values[i] > max) { max = values[i]; at = i; }
    }
    return { min, max, at };
  },
};

/** A colour scale: 256 entries of R, G, B. */
const colorTables = Object.fromEntries(Object.entries(data.color_maps).map(
  ([name, text]) => [name, bytesOf(text)]));

function colorGradient(name) {
  const table = colorTables[name], stops = [];
  for (let i = 0; i <= 16; i++) {
    const at = 3 * Math.min(255, i * 16);
    stops.push(`rgb(${table[at]} ${table[at + 1]} ${table[at + 2]})`);
  }
  return `linear-gradient(to right, ${stops.join(", ")})`;
}
