// Controls that change the state, and those of how maps look.

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
