// The contact sheet: every image at the step of the slider.

const SORTS = {
  order: { name: "in order", by: null },
  loss: { name: "worst loss", by: last => -(last?.loss ?? -Infinity) },
  iou: { name: "lowest IoU", by: last => last?.iou ?? Infinity },
  class: { name: "class", by: null },
};

function createTools(gallery) {
  const chosen = (name, options, label) => el("fieldset", { className: "switch" }, el("legend", { className: "sr" }, label), ...options.map(([value, text]) =>
    el("label", {}, el("input", { type: "radio", name, value, checked: state[name] === value, onchange: () => state.set({ [name]: value }) }), text)));
  const select = (name, options, label) => el("label", {}, label, el("select", { id: name, onchange: event => state.set({ [name]: event.target.value }) },
    ...options.map(([value, text]) => el("option", { value, selected: state[name] === value }, text))));
  const last = gallery.axis.length - 1;
  const sorts = Object.entries(SORTS).filter(([key]) => key === "order" || (key === "class" ? gallery.items.some(item => item.class !== "") : gallery.items.some(item => isNumber(item.frames[last]?.[key]))));
  return el("div", { className: "tools" },
    chosen("view", [["overlay", "Overlay"], ["map", "Map"], ["input", "Input"]], "What is shown"),
    el("label", {}, el("input", { type: "checkbox", id: "boxes", checked: state.boxes, onchange: event => state.set({ boxes: event.target.checked }) }), "Boxes"),
    select("colors", Object.keys(colorTables).map(name => [name, name]), "Colours"),
    sorts.length > 1 ? select("sort", sorts.map(([key, sort]) => [key, sort.name]), "Sort by") : null);
}

function createSheet(gallery) {
  const sheet = el("div", { className: "sheet", role: "listbox", "aria-label": "Images" });
  const tiles = gallery.items.map((item, index) => {
    const map = new MapCanvas(gallery);
    const left = el("span"), right = el("span");
    const button = el("button", { type: "button", className: "tile", role: "option", "data-item": index, onclick: () => state.set({ item: index }) }, map.canvas, el("span", {}, left, right));
    return { item, index, map, left, right, button };
  });

  function draw(tile, width) {
    const frame = tile.item.frames[state.frame];
    tile.map.show(tile.item, state.frame, state, width);
    if (gallery.axis[0].step === undefined) {
      tile.left.textContent = tile.item.class;
      tile.right.textContent = isNumber(frame?.probability) ? format.percent(frame.probability, 0) : "";
      return;
    }
    const wrong = frame?.predicted !== undefined && frame.predicted !== tile.item.class;
    tile.left.textContent = wrong ? `${tile.item.class} → ${frame.predicted} ✕` : tile.item.class === "" ? gallery.images[tile.item.image].name : `${tile.item.class}`;
    tile.left.className = wrong ? "wrong" : "";
    tile.right.textContent = isNumber(frame?.iou) ? `IoU ${frame.iou.toFixed(2)}` : "";
  }

  /** By the last evaluation, so that images keep their places while the slider moves. */
  function order() {
    const last = gallery.axis.length - 1, by = SORTS[state.sort].by, sorted = [...tiles];
    if (by) sorted.sort((a, b) => by(a.item.frames[last]) - by(b.item.frames[last]) || a.index - b.index);
    if (state.sort === "class") sorted.sort((a, b) => a.item.class.localeCompare(b.item.class, "en", { numeric: true }) || a.index - b.index);
    sheet.replaceChildren(...sorted.map(tile => tile.button));
    return sorted;
  }

  let sorted = tiles;
  sheet.addEventListener("keydown", event => {
    const by = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!by || event.shiftKey) return;
    event.preventDefault();
    const at = sorted.findIndex(tile => tile.index === state.item);
    const next = sorted[Math.max(0, Math.min(sorted.length - 1, at + by))];
    state.set({ item: next.index });
    next.button.focus();
  });

  return {
    element: sheet,
    start() {
      state.watch(["sort"], changed => {
        sorted = order();
        if (state.sort !== "order") state.set({ item: sorted[0].index });
      });
      state.watch(["item"], () => {
        for (const tile of tiles) {
          tile.button.setAttribute("aria-selected", tile.index === state.item);
          tile.button.tabIndex = tile.index === state.item ? 0 : -1;
        }
      });
      state.watch(["frame", "view", "boxes", "colors"], () => {
        const width = tiles[0].map.canvas.clientWidth;
        for (const tile of tiles) draw(tile, width);
      });
    },
  };
}

async function showGallery(gallery) {
  await loadPictures(gallery);
  const isRun = gallery.axis[0].step !== undefined;
  const lead = isRun
    ? `Class activation maps of ${gallery.items.length} test images: how much each place speaks for the true class. Move the slider to follow them through training.`
    : "How much each place of the image speaks for the class under the picture. Point at a map to read its value.";
  const player = gallery.axis.length > 1 ? createPlayer(gallery.axis) : null;
  const viewer = createViewer(gallery), sheet = createSheet(gallery);
  fillSection("gallery", "Where it looks", lead, ...[player, createTools(gallery), el("div", { className: "bench" }, viewer.element, el("div", {},
    sheet.element,
    el("p", { className: "hint" }, ...(player ? [el("kbd", {}, "←"), " ", el("kbd", {}, "→"), isRun ? " step   " : " method and layer   ", el("kbd", {}, "space"), " play   "] : []),
      el("kbd", {}, "↑"), " ", el("kbd", {}, "↓"), " image   ", el("kbd", {}, "shift"), " + arrows on the large map: read values")))].filter(Boolean));
  sheet.start();
  viewer.start();
}
