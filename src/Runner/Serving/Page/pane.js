// One map with its controls: its own method, layer, smoothing and class on the picture that all share.

/** Work that takes longer than this many milliseconds is said to be going on. */
const SLOW = 250;

const SMOOTHINGS = { aug: "aug: mean of six views", eigen: "eigen: first component" };
const NEEDS = { features: "", gradient: "", scores: " Runs the network many times: this takes a while." };

function createPane(number, model, source, choice) {
  const id = number === 0 ? "" : `-${number + 1}`;
  const map = new MapCanvas(null), band = createBand(map), under = el("dd", { id: `value${id}` }, "–"), reading = createReading(map, under);
  const classes = createClasses(choice, id, model.classes), downloads = createDownloads(() => shown), says = el("dl", { className: "says" });
  const help = el("p", { className: "soft about", id: `about${id}` }), result = el("span", { className: "result" }), working = el("div", { className: "working", hidden: true });
  const stop = el("button", { type: "button", hidden: true, onclick: () => halt() }, "Stop"), trouble = el("p", { className: "trouble", role: "alert", hidden: true }), note = el("p", { className: "note", hidden: true });
  const select = (key, label, options) => el("label", {}, label, el("select", { id: `${key}${id}`, "aria-describedby": key === "method" ? `about${id}` : undefined, onchange: event => choice.set({ [key]: event.target.value }) },
    ...options.map(([value, text]) => el("option", { value, selected: choice[key] === value }, text))));
  const controls = el("div", { className: "tools controls" },
    select("method", "Method", model.methods.map(({ name }) => [name, name])),
    model.smoothings.length > 1 ? select("smoothing", "Smoothing", model.smoothings.map(name => [name, SMOOTHINGS[name] ?? name])) : null,
    select("layer", "Layer", model.layers.map(({ name, width, height, channels }) => [name, `${name} · ${width} × ${height} × ${channels}`])), help);
  let shown = null, running = null, timer = 0, picture = null, pointer = null;

  function draw() {
    if (!state.picture) return;
    map.gallery = shown ? shown.gallery(state.box) : bareGallery(state.picture);
    const { canvas } = map, { width, height } = state.picture;
    canvas.style.aspectRatio = `${width} / ${height}`;
    // A high picture does not fill the width of its canvas.
    map.show(map.gallery.items[0], 0, state, Math.min(canvas.clientWidth, canvas.clientHeight * width / height));
    if (!shown) canvas.setAttribute("aria-label", `${state.picture.name}, without a map`);
    reading.draw(state);
    reading.scale.classList.toggle("idle", shown === null);
    band.draw();
    if (pointer) map.read(pointer);
    const frame = map.frame, rows = [
      [el("span", {}, el("i", { className: "key guess" }), `Box above ${format.percent(state.box, 0)} of the maximum`), frame?.box ? frame.box.join(", ") : "none"],
      [el("span", {}, el("i", { className: "key unseen" }), "Seen by the network"), shown ? (map.image.seen ?? [0, 0, map.image.width - 1, map.image.height - 1]).join(", ") : "–"],
      ["Map", frame ? `${shown.answer.map.width} × ${shown.answer.map.height} values` : "–"],
    ];
    says.replaceChildren(el("dt", {}, "Under the pointer"), under, ...rows.flatMap(([key, value]) => [el("dt", {}, key), el("dd", {}, value)]));
    note.textContent = frame?.note ?? "";
    note.hidden = !frame?.note;
    downloads.enable(shown !== null);
  }

  function work(isOn) {
    clearTimeout(timer);
    element.setAttribute("aria-busy", isOn);
    if (isOn) {
      timer = setTimeout(() => {
        stop.hidden = working.hidden = false;
        announce(result.textContent = `${choice.method} is at work…`);
      }, SLOW);
    } else stop.hidden = working.hidden = true;
  }

  function halt() {
    running?.abort();
    running = null;
    work(false);
    result.textContent = shown ? `Stopped; this is ${shown.answer.map.method}` : "Stopped";
  }

  function fail(message) {
    trouble.textContent = message;
    trouble.hidden = message === "";
    if (message === "") return;
    [shown, result.textContent] = [null, ""];
    draw();
  }

  /** Asks for the map that is chosen; a newer question lets go of an older one. */
  async function ask() {
    if (!state.picture) return;
    running?.abort();
    const mine = running = new AbortController(), asked = state.picture, { crop } = state;
    work(true);
    try {
      const answer = await api.explain(asked.file, { method: choice.method, layer: choice.layer, smoothing: choice.smoothing, class: choice.class, top: model.classes.length, crop: crop?.join(",") ?? null }, mine.signal);
      if (mine !== running) return;
      if (!asked.isCorrected && (answer.picture.width !== asked.width || answer.picture.height !== asked.height)) return await source.correct();
      fail("");
      shown = new AnsweredMap(asked, answer);
      const said = answer.predictions;
      if (!crop) asked.whole = new Map(said.map(({ index, probability }) => [index, probability]));
      classes.show(said, crop ? asked.whole : null, answer.map.index);
      result.textContent = `${answer.map.class} · ${placeName(answer.map)} · ${format.count(answer.milliseconds.decode + answer.milliseconds.network + answer.milliseconds.map)} ms`;
      draw();
      announce(`${said[0].class}, ${format.percent(said[0].probability)}. Map of ${answer.map.class}, ${placeName(answer.map)}.`);
    } catch (error) {
      if (mine !== running || error.name === "AbortError") return;
      fail(error instanceof Refusal ? error.message : "The answer broke off: try again.");
      if (error.status === 401) askForToken();
    } finally {
      if (mine === running) {
        running = null;
        work(false);
      }
    }
  }

  /** Begins with the picture that is there. */
  function renew() {
    if (!state.picture) return;
    if (picture?.file !== state.picture.file) shown = null;
    picture = state.picture;
    fail("");
    draw();
    ask();
  }

  const element = el("article", { className: "pane", "aria-label": number === 0 ? "Map" : "Second map" }, controls,
    el("div", { className: "view viewer" }, band.stage, working, reading.scale, el("div", { className: "found" }, result, stop)),
    el("div", { className: "side" }, classes.element, says, downloads.element));
  band.stage.append(note, trouble);
  map.canvas.addEventListener("pointermove", event => { pointer = event; });
  map.canvas.addEventListener("pointerleave", () => { pointer = null; });

  choice.watch(["method", "layer", "smoothing"], () => {
    const method = model.methods.find(({ name }) => name === choice.method);
    help.textContent = `${method.description[0].toUpperCase()}${method.description.slice(1)}.${NEEDS[method.needs] ?? ""}`;
    for (const key of ["method", "layer", "smoothing"]) {
      const field = controls.querySelector(`#${key}${id}`);
      if (field) field.value = choice[key];
    }
  });
  choice.listeners.push(() => { if (element.isConnected) ask(); });
  state.listeners.push(changed => {
    if (!element.isConnected) return;
    if (changed.includes("picture")) renew();
    else if (changed.includes("crop")) ask();
    if (changed.some(key => [...LOOK, "box", "crop"].includes(key))) draw();
  });
  new ResizeObserver(() => { if (element.isConnected) draw(); }).observe(map.canvas);
  return { element, choice, classes, band, renew, halt, controls, isWorking: () => running !== null };
}
