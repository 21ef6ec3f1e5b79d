// The server's answer in the form of a report's maps, which the parts of the report draw.

/** One picture is at hand at a time, and decoded. */
const Pictures = { get: image => image.bitmap };

/** Little-endian floats of base64. */
function floatsOf(text) {
  const bytes = bytesOf(text), view = new DataView(bytes.buffer), values = new Float32Array(bytes.length / 4);
  for (let i = 0; i < values.length; i++) values[i] = view.getFloat32(4 * i, true);
  return values;
}

const corners = box => [box.x0, box.y0, box.x1, box.y1];

/** The values of a map inside a box of it. */
function cut(values, width, [x0, y0, x1, y1]) {
  const part = new Float32Array((x1 - x0 + 1) * (y1 - y0 + 1));
  for (let y = y0, at = 0; y <= y1; y++, at += x1 - x0 + 1) part.set(values.subarray(y * width + x0, y * width + x1 + 1), at);
  return part;
}

/** A box of the network's input on the picture: the pixels whose middle lies in it; one, where there is none between its edges. */
function onPicture(box, shown, seen) {
  const span = (first, last, from, to, least, most) => {
    const ratio = (most - least + 1) / (to - from + 1), start = least + (first - from) * ratio, end = least + (last + 1 - from) * ratio;
    let low = Math.ceil(start - 0.5), high = Math.ceil(end - 0.5) - 1;
    if (high < low) low = high = Math.floor((start + end) / 2);
    return [low, high].map(value => Math.max(least, Math.min(most, value)));
  };
  const [x0, x1] = span(box[0], box[2], shown[0], shown[2], seen[0], seen[2]), [y0, y1] = span(box[1], box[3], shown[1], shown[3], seen[1], seen[3]);
  return [x0, y0, x1, y1];
}

/** The picture without a map. */
const bareGallery = picture => ({ axis: [{}], images: [{ ...picture, columns: picture.width, rows: picture.height }], items: [{ image: 0, class: "", frames: [null] }] });

/** The picture with the map of an answer. What is padded has no place on the picture, and is left out. */
class AnsweredMap {
  constructor(picture, answer) {
    const { map } = answer;
    this.answer = answer;
    this.values = floatsOf(map.values);
    this.seen = corners(answer.seen);
    this.shown = answer.shown ? corners(answer.shown) : [0, 0, map.width - 1, map.height - 1];
    const [columns, rows] = [this.shown[2] - this.shown[0] + 1, this.shown[3] - this.shown[1] + 1];
    const isWhole = this.seen[0] === 0 && this.seen[1] === 0 && this.seen[2] === picture.width - 1 && this.seen[3] === picture.height - 1;
    this.image = { ...picture, columns, rows, seen: isWhole ? undefined : this.seen };
    this.map = { width: columns, height: rows, decoded: columns === map.width && rows === map.height ? this.values : cut(this.values, map.width, this.shown) };
    this.note = map.explanation ?? undefined;
  }

  /** The form of a report. The box goes around what is above that share of the maximum. */
  gallery(share) {
    const { map } = this.answer, inside = this.note ? null : largestBox(this.values, map.width, share);
    const frame = { map: this.map, note: this.note, box: inside && onPicture(inside, this.shown, this.seen) };
    return { axis: [{ method: map.method, layer: map.layer, resize: "half-pixel" }], images: [this.image], items: [{ image: 0, class: map.class, frames: [frame] }] };
  }
}
