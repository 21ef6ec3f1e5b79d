// Puts the page together.

/** Tells those who listen; the same again is told again. */
function announce(text) {
  const said = document.getElementById("said");
  said.textContent = said.textContent === text ? `${text}\u00a0` : text;
}

/** A server on a network lets in who has its token. */
function askForToken() {
  const form = document.getElementById("token"), field = el("input", { type: "password", id: "token-field", autocomplete: "off", required: true });
  if (!form.hidden) return;
  form.hidden = false;
  form.append(el("label", {}, "Token", field), el("button", { className: "quiet" }, "Enter"), el("p", { className: "soft" }, "gpucam printed it where it was started, as a part of the page's address."));
  form.addEventListener("submit", event => {
    event.preventDefault();
    api.keepToken(field.value.trim());
    location.reload();
  });
  field.focus();
}

function createPlay(model, source) {
  const first = { method: model.default_method, layer: model.default_layer, smoothing: model.smoothings[0], class: null };
  const known = { method: model.methods.map(({ name }) => name), layer: model.layers.map(({ name }) => name), smoothing: model.smoothings };
  /** What an address says, where this model has it. */
  const choiceOf = found => ({ ...first, ...Object.fromEntries(Object.entries(found).filter(([key, value]) => key === "class" ? value < model.classes.length : known[key].includes(value))) });
  const panes = [], made = [], box = createSlider("box", el("span", {}, el("span", { className: "sr" }, "Box around what is "), "above")), list = el("div", { className: "panes" });
  const compare = el("button", { type: "button", className: "quiet", id: "compare", "aria-pressed": false, onclick: () => toggle() }, "Compare two");
  let pictures = 0, timer = 0;

  /** A browser counts changes of the address: those of a moving slider are one. */
  function keep() {
    clearTimeout(timer);
    timer = setTimeout(() => Address.write(panes.map(({ choice }) => choice), first), 200);
  }

  /** The next map beside the others; one that was there before comes back. */
  function add(chosen) {
    const number = panes.length;
    if (made[number]) made[number].choice.set(chosen);
    else {
      made[number] = createPane(number, model, source, createChoice(chosen));
      made[number].choice.listeners.push(keep);
    }
    panes.push(made[number]);
    list.append(made[number].element);
    arrange();
    made[number].renew();
  }

  function arrange() {
    list.classList.toggle("two", panes.length > 1);
    compare.setAttribute("aria-pressed", panes.length > 1);
  }

  /** A second map of the same, by the next method; or the first alone again. */
  function toggle() {
    if (panes.length > 1) {
      const pane = panes.pop();
      pane.halt();
      if (pane.element.contains(document.activeElement)) compare.focus();
      pane.element.remove();
      arrange();
    } else {
      const { method, layer, smoothing, class: index } = panes[0].choice;
      add({ method: known.method[(known.method.indexOf(method) + 1) % known.method.length], layer, smoothing, class: index });
    }
    keep();
  }

  const { look, choices } = Address.read();
  state.set(look);
  const tools = createTools();
  state.watch(["box", "boxes"], () => { box[1](); box[0].hidden = !state.boxes; });
  tools.classList.add("look");
  tools.querySelector("#boxes").closest("label").after(box[0]);
  document.getElementById("play").append(tools, el("div", { className: "tools part" }, createCropFields(), compare), list);
  // Before the panes ask for their maps.
  state.listeners.push(changed => {
    if (changed.includes("picture")) {
      document.getElementById("play").hidden = false;
      // Another picture has another most likely class; the first one has what the address says.
      if (pictures++ > 0 && !state.picture.isCorrected) for (const { choice } of panes) choice.class = null;
    }
    keep();
  });
  for (const found of choices) add(choiceOf(found));
  return { panes, toggle };
}

async function start() {
  startTheme();
  api.takeToken();
  const about = document.getElementById("model");
  document.getElementById("footer").append(el("p", {}, "Made by gpucam on the machine it runs on. This page asks nobody else for anything."));
  try {
    const model = await api.model(), { width, height, channels } = model.input;
    about.textContent = [model.name, width ? `${width} × ${height} × ${channels}` : "pictures of any size", `${format.count(model.classes.length)} classes`].join(" · ");
    const source = createSource(model);
    const { panes, toggle } = createPlay(model, source);
    document.getElementById("source").append(...source.element);
    startKeys(source, () => panes, toggle);
  } catch (error) {
    about.textContent = error.message;
    about.classList.add("wrong");
    about.setAttribute("role", "alert");
    if (error.status === 401) askForToken();
  }
  document.documentElement.dataset.ready = "true";
}

start();
