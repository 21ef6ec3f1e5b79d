// The images with their maps: the player, how maps look, the large one, and the sheet of all.

const createSwitch = (name, options, label) => el("fieldset", { className: "switch" }, el("legend", { className: "sr" }, label), ...options.map(([value, text]) =>
  el("label", {}, el("input", { type: "radio", name, value, checked: state[name] === value, onchange: () => state.set({ [name]: value }) }), text)));

const createSelect = (name, options, label) => el("label", {}, label, el("select", { id: name, onchange: event => state.set({ [name]: event.target.value }) },
  ...options.map(([value, text]) => el("option", { value, selected: state[name] === value }, text))));

/** A slider of a share, in percent, and what brings it up to date. */
function createSlider(name, label) {
  const input = el("input", { type: "range", id: name, min: 0, max: 100, step: 1, oninput: () => state.set({ [name]: input.value / 100 }) }), output = el("output", { htmlFor: name });
  const update = () => {
    input.value = Math.round(100 * state[name]);
    output.textContent = format.percent(state[name], 0);
  };
  update();
  return [el("label", { className: "share" }, label, input, output), update];
}

function createTools() {
  const [opacity, updateOpacity] = createSlider("opacity", "Opacity"), [threshold, updateThreshold] = createSlider("threshold", "Hide below");
  state.watch(["opacity", "threshold", "view"], () => {
    updateOpacity();
    updateThreshold();
    opacity.hidden = state.view !== "overlay";
    threshold.hidden = state.view === "input";
  });
  return el("div", { className: "tools" },
    createSwitch("view", [["overlay", "Overlay"], ["map", "Map"], ["input", "Input"]], "What is shown"),
    el("label", {}, el("input", { type: "checkbox", id: "boxes", checked: state.boxes, onchange: event => state.set({ boxes: event.target.checked }) }), "Boxes"),
    createSelect("colors", Object.keys(colorTables).map(name => [name, name]), "Colours"), opacity, threshold);
}

/** Puts it into the page at once, and resolves when all that is in view is drawn. */
function showGallery(gallery) {
  const isRun = gallery.axis[0].step !== undefined, photographs = gallery.images.some(image => !isSharp(image));
  const lead = isRun
    ? `Class activation maps of ${gallery.items.length} test images: how much each place speaks for the true class. Move the slider to follow them through training.`
    : `How much each place of the image speaks for the class under the picture. Point at a map to read its value.${gallery.images.some(image => image.seen) ? " What the network did not see of a picture is hatched." : ""}`;
  const list = createList(gallery);
  state.first = list.hasMore && list.images > 12;
  const player = gallery.axis.length > 1 ? createPlayer(gallery.axis) : null;
  const filters = createFilters(list), viewer = createViewer(gallery), sheet = createSheet(gallery, list, filters);
  fillSection("gallery", "Where it looks", lead, ...[player, createTools(), gallery.items.length > 1 ? filters.element : null, el("div", { className: photographs ? "bench photographs" : "bench" }, viewer.element, el("div", {},
    gallery.items.length > 1 ? filters.found : null,
    sheet.element,
    el("p", { className: "hint" }, ...(player ? [el("kbd", {}, "←"), " ", el("kbd", {}, "→"), isRun ? " step   " : " method and layer   ", el("kbd", {}, "space"), " play   "] : []),
      el("kbd", {}, "↑"), " ", el("kbd", {}, "↓"), " image   ", el("kbd", {}, "shift"), " + arrows on the large map: read values")))].filter(Boolean));
  return Promise.all([viewer.start(), sheet.start()]);
}
