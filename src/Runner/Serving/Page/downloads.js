// Files of what is shown: the picture, the map and the answer.

/** Pixels of the longer side of an overlay of a small picture. */
const OVERLAY_SIDE = 400;

/** A map in NumPy's format: rows x columns of float32. */
function npyOf(values, columns, rows) {
  const text = `{'descr': '<f4', 'fortran_order': False, 'shape': (${rows}, ${columns}), }`;
  // The header fills whole 64 bytes, with a line end last.
  const header = text.padEnd(Math.ceil((10 + text.length + 1) / 64) * 64 - 10 - 1) + "\n", bytes = new DataView(new ArrayBuffer(10 + header.length + 4 * values.length));
  [0x93, ...Array.from("NUMPY", letter => letter.charCodeAt(0)), 1, 0].forEach((byte, i) => bytes.setUint8(i, byte));
  bytes.setUint16(8, header.length, true);
  for (let i = 0; i < header.length; i++) bytes.setUint8(10 + i, header.charCodeAt(i));
  values.forEach((value, i) => bytes.setFloat32(10 + header.length + 4 * i, value, true));
  return new Blob([bytes.buffer], { type: "application/octet-stream" });
}

function save(blob, name) {
  const address = URL.createObjectURL(blob), link = el("a", { href: address, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

/** The overlay as it is looked at, at the picture's own size (or what is kept of it). */
async function overlayOf(map, share) {
  const { image } = map, drawing = new MapCanvas(map.gallery(share));
  const width = isSharp(image) ? Math.max(image.width, OVERLAY_SIDE * image.width / Math.max(image.width, image.height)) : image.bitmap.width;
  drawing.show(drawing.gallery.items[0], 0, state, width / Math.min(2, devicePixelRatio));
  return new Promise(resolve => drawing.canvas.toBlob(resolve, "image/png"));
}

/** Buttons that save what a map, given when they are pressed, shows. */
function createDownloads(current) {
  const nameOf = ({ answer: { map } }, ending) => [state.picture.name.replace(/\.[^.]*$/, ""), map.method, map.class, ending]
    .map(part => part.replace(/[^\p{L}\p{N}_-]+/gu, "_").replace(/^_+|_+$/g, "").slice(0, 60)).filter(part => part !== "").join("_").replace(/_(png|npy|json)$/, ".$1");
  const button = (text, title, press) => el("button", { type: "button", className: "quiet", title, disabled: true, onclick: () => press(current()) }, text);
  const buttons = [
    button("Picture", "The picture with the map over it, as PNG", async map => save(await overlayOf(map, state.box), nameOf(map, "png"))),
    button("Map", "The values on the network's input, as NumPy's .npy", map => save(npyOf(map.values, map.answer.map.width, map.answer.map.height), nameOf(map, "npy"))),
    button("JSON", "The answer as the server gave it", map => save(new Blob([JSON.stringify(map.answer, null, 2)], { type: "application/json" }), nameOf(map, "json"))),
  ];
  return {
    element: el("div", { className: "downloads", role: "group", "aria-label": "Download" }, el("span", { className: "soft", "aria-hidden": "true" }, "Download"), ...buttons),
    enable(isThere) { for (const one of buttons) one.disabled = !isThere; },
  };
}
