// The part of the picture that the network gets: dragged on a map, or typed. To look twice, by hand.

/** A drag of fewer pixels of the window is a click. */
const LEAST_DRAG = 6;

/** Drags on a map, and the frame of what was chosen. */
function createBand(map) {
  const band = el("div", { className: "band", hidden: true, "aria-hidden": "true" }), stage = el("div", { className: "stage" }, map.canvas, band);
  let from = null, dragged = null;

  function place([x, y, width, height]) {
    const place = map.place(), bounds = stage.getBoundingClientRect();
    band.style.left = `${place.left - bounds.left + x * place.scale}px`;
    band.style.top = `${place.top - bounds.top + y * place.scale}px`;
    band.style.width = `${width * place.scale}px`;
    band.style.height = `${height * place.scale}px`;
  }

  function draw() {
    const crop = dragged ?? state.crop;
    band.hidden = crop === null;
    band.classList.toggle("dragged", dragged !== null);
    if (crop) place(crop);
  }

  /** Whole pixels of the picture between two points of the window. */
  function between(a, b) {
    const { scale, left, top } = map.place(), { width, height } = state.picture;
    const pixel = (at, start, most) => Math.max(0, Math.min(most, (at - start) / scale));
    const xs = [a.x, b.x].map(at => pixel(at, left, width)).sort((p, q) => p - q), ys = [a.y, b.y].map(at => pixel(at, top, height)).sort((p, q) => p - q);
    const x = Math.min(width - 1, Math.floor(xs[0])), y = Math.min(height - 1, Math.floor(ys[0]));
    return [x, y, Math.max(1, Math.ceil(xs[1]) - x), Math.max(1, Math.ceil(ys[1]) - y)];
  }

  function end() {
    [from, dragged] = [null, null];
    draw();
  }

  map.canvas.addEventListener("pointerdown", event => {
    if (!state.picture || event.button !== 0 || !event.isPrimary || (event.pointerType === "touch" && !document.getElementById("touch").checked)) return;
    from = { x: event.clientX, y: event.clientY };
    map.canvas.setPointerCapture(event.pointerId);
  });
  map.canvas.addEventListener("pointermove", event => {
    if (!from || (!dragged && Math.hypot(event.clientX - from.x, event.clientY - from.y) < LEAST_DRAG)) return;
    dragged = between(from, { x: event.clientX, y: event.clientY });
    draw();
  });
  map.canvas.addEventListener("pointerup", () => {
    const crop = dragged;
    end();
    if (crop) state.set({ crop });
  });
  map.canvas.addEventListener("pointercancel", end);
  return {
    stage, draw,
    /** Lets go of a drag, and says whether there was one. */
    cancel() {
      const was = from !== null;
      if (was) end();
      return was;
    },
  };
}

/** The same as numbers. */
function createCropFields() {
  const names = ["x", "y", "width", "height"];
  const fields = names.map((name, i) => el("input", { type: "number", id: `crop-${name}`, min: i < 2 ? 0 : 1, step: 1, inputMode: "numeric", onchange: () => take() }));
  const reset = el("button", { type: "button", className: "quiet", id: "whole", onclick: () => { state.set({ crop: null }); fields[0].focus(); } }, "Whole picture");

  function take() {
    const { width, height } = state.picture, clamp = (value, low, high) => Math.max(low, Math.min(high, Math.round(value)));
    const [x, y, w, h] = fields.map((field, i) => field.value === "" ? [0, 0, width, height][i] : +field.value);
    const [x0, y0] = [clamp(x, 0, width - 1), clamp(y, 0, height - 1)], crop = [x0, y0, clamp(w, 1, width - x0), clamp(h, 1, height - y0)];
    state.set({ crop: crop[2] === width && crop[3] === height ? null : crop });
    show();
  }

  function show() {
    const { picture, crop } = state;
    if (!picture) return;
    const now = crop ?? [0, 0, picture.width, picture.height];
    fields.forEach((field, i) => {
      field.value = now[i];
      field.max = [picture.width - 1, picture.height - 1, picture.width, picture.height][i];
    });
    reset.disabled = crop === null;
  }

  state.watch(["picture", "crop"], show);
  return el("fieldset", { className: "tools crop" },
    el("legend", { className: "sr" }, "The part that the network gets, in pixels of the picture"),
    el("span", { className: "soft", "aria-hidden": "true" }, "Crop"),
    ...names.map((name, i) => el("label", {}, name, fields[i])), reset,
    el("label", { className: "touch" }, el("input", { type: "checkbox", id: "touch" }), "Drag with a finger"),
    el("span", { className: "soft mouse" }, "or drag over the picture"));
}
