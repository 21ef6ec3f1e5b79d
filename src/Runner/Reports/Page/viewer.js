// The large map with everything that is known of it.

function createViewer(gallery) {
  const map = new MapCanvas(gallery);
  map.canvas.tabIndex = 0;
  const name = el("h3"), says = el("dl", { className: "says" });
  const low = el("span"), high = el("span"), mark = el("i", { hidden: true }), bar = el("div", { className: "bar" }, mark);
  const under = el("dd", { id: "value" }, "–");
  const history = el("div");
  let crosshair = null;

  map.onvalue = (value, x, y) => {
    mark.hidden = value === null || !!map.frame?.note;
    under.textContent = value === null ? "–" : `${format.value(value, 5)} at x ${x}, y ${y}`;
    if (value === null) return;
    const span = map.range.max - map.range.min;
    mark.style.left = `${span > 0 ? 100 * Math.max(0, value - map.range.min) / span : 0}%`;
  };

  // Shift and arrows read values without a pointer.
  map.canvas.addEventListener("keydown", event => {
    const step = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (!event.shiftKey || !step || !map.range) return;
    event.preventDefault();
    const { width, height } = map.image;
    crosshair ??= [map.range.at % width, Math.floor(map.range.at / width)];
    crosshair = [Math.max(0, Math.min(width - 1, crosshair[0] + step[0])), Math.max(0, Math.min(height - 1, crosshair[1] + step[1]))];
    const bounds = map.canvas.getBoundingClientRect();
    map.point(...crosshair, bounds.left + (crosshair[0] + 0.5) / width * bounds.width, bounds.top + (crosshair[1] + 0.5) / height * bounds.height);
  });
  map.canvas.addEventListener("blur", () => { crosshair = null; tip.hide(); });

  function describe() {
    const item = gallery.items[state.item], frame = item.frames[state.frame], isRun = gallery.axis[0].step !== undefined;
    name.replaceChildren(gallery.images[item.image].name, el("span", { className: "soft" }, item.class === "" ? "" : `map of class ${item.class}`));
    low.textContent = map.range ? format.value(map.range.min) : "";
    high.textContent = map.range ? format.value(map.range.max) : "";
    bar.style.background = colorGradient(state.colors);
    const rows = [];
    if (isRun && frame?.predicted !== undefined) {
      const right = frame.predicted === item.class;
      rows.push(["Predicted", el("span", { className: right ? "" : "wrong" }, `${frame.predicted}${isNumber(frame.probability) ? ` · ${format.percent(frame.probability)}` : ""}${right ? "" : " ✕"}`)]);
    } else if (isNumber(frame?.probability)) rows.push(["Probability", format.percent(frame.probability)]);
    if (isNumber(frame?.loss)) rows.push(["Loss", format.value(frame.loss)]);
    if (item.box) rows.push([el("span", {}, el("i", { className: "key truth" }), "True box"), item.box.join(", ")]);
    if (frame) rows.push([el("span", {}, el("i", { className: "key guess" }), `Box at ${Math.round(100 * gallery.box_threshold)} % of the maximum`), frame.box ? frame.box.join(", ") : "none"]);
    if (isNumber(frame?.iou)) rows.push(["Overlap (IoU)", frame.iou.toFixed(2)]);
    if (frame?.note) rows.push(["Map", frame.note]);
    says.replaceChildren(el("dt", {}, "Under the pointer"), under, ...rows.flatMap(([key, value]) => [el("dt", {}, key), el("dd", {}, value)]));
  }

  /** Through training: the true class's probability, and the overlap of the boxes. */
  function drawHistory() {
    const item = gallery.items[state.item], axis = gallery.axis;
    const points = value => axis.map((place, i) => [place.step, item.frames[i] ? value(item.frames[i]) : undefined]).filter(([, y]) => isNumber(y));
    const series = [
      { name: "probability of its class", points: points(frame => isNumber(frame.loss) ? Math.exp(-frame.loss) : undefined) },
      { name: "IoU", points: points(frame => frame.iou) },
    ].filter(entry => entry.points.length > 1);
    history.replaceChildren(...(axis.length > 1 && series.length > 0 ? [createChart({ title: "This image through training", series, range: [0, 1], height: 130, small: true })] : []));
  }

  const figure = el("div", { className: "viewer" }, name, map.canvas, el("div", { className: "scale" }, low, bar, high), says, history);
  const redraw = () => { map.show(gallery.items[state.item], state.frame, state); describe(); };
  return {
    element: figure,
    start() {
      state.watch(["frame", "item", "view", "boxes", "colors"], redraw);
      if (gallery.axis[0].step !== undefined) state.watch(["item"], drawHistory);
      new ResizeObserver(redraw).observe(map.canvas);
    },
  };
}
