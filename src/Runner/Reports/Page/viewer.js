// The large map with everything that is known of it.

function createViewer(gallery) {
  const map = new MapCanvas(gallery);
  map.canvas.tabIndex = 0;
  const name = el("h3"), says = el("dl", { className: "says" });
  const low = el("span"), high = el("span"), mark = el("i", { hidden: true }), bar = el("div", { className: "bar" }, mark);
  const under = el("dd", { id: "value" }, "–");
  const answers = el("ol", { className: "answers", "aria-label": "What the network said" });
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
    const { width, height } = map.image, { columns } = inputSize(map.image);
    // A step goes to the next value: that is a few pixels of a large picture.
    const stride = Math.max(1, Math.round(seenPart(map.image).width / columns));
    crosshair ??= map.peak();
    crosshair = [Math.max(0, Math.min(width - 1, crosshair[0] + stride * step[0])), Math.max(0, Math.min(height - 1, crosshair[1] + stride * step[1]))];
    const { scale, left, top } = map.place();
    map.point(...crosshair, left + (crosshair[0] + 0.5) * scale, top + (crosshair[1] + 0.5) * scale);
  });
  map.canvas.addEventListener("blur", () => { crosshair = null; tip.hide(); });

  function describe() {
    const item = gallery.items[state.item], image = gallery.images[item.image], frame = item.frames[state.frame], isRun = gallery.axis[0].step !== undefined;
    name.replaceChildren(el("span", { title: image.name }, shortName(gallery, image)), el("span", { className: "soft" }, item.class === "" ? "" : `map of class ${item.class}`));
    low.textContent = map.range ? format.value(map.range.min) : "";
    high.textContent = map.range ? format.value(map.range.max) : "";
    const hidden = 100 * state.threshold;
    bar.style.background = `linear-gradient(to right, var(--sunk) ${hidden}%, transparent ${hidden}%), ${colorGradient(state.colors)}`;
    const rows = [];
    if (isRun && frame?.predicted !== undefined) {
      const right = frame.predicted === item.class;
      rows.push(["Predicted", el("span", { className: right ? "" : "wrong" }, `${frame.predicted}${isNumber(frame.probability) ? ` · ${format.percent(frame.probability)}` : ""}${right ? "" : " ✕"}`)]);
    } else if (isNumber(frame?.probability)) rows.push(["Probability", format.percent(frame.probability)]);
    if (image.truth !== undefined) {
      const right = image.truth === image.answers?.[0]?.class;
      rows.push(["True class", el("span", { className: right ? "" : "wrong" }, `${image.truth}${right ? "" : " ✕"}`)]);
    }
    if (isNumber(frame?.loss)) rows.push(["Loss", format.value(frame.loss)]);
    if (item.box) rows.push([el("span", {}, el("i", { className: "key truth" }), "True box"), item.box.join(", ")]);
    if (frame) rows.push([el("span", {}, el("i", { className: "key guess" }), `Box at ${Math.round(100 * gallery.box_threshold)} % of the maximum`), frame.box ? frame.box.join(", ") : "none"]);
    if (isNumber(frame?.iou)) rows.push(["Overlap (IoU)", frame.iou.toFixed(2)]);
    if (image.seen) rows.push([el("span", {}, el("i", { className: "key unseen" }), "Seen by the network"), image.seen.join(", ")]);
    if (frame?.note) rows.push(["Map", frame.note]);
    says.replaceChildren(el("dt", {}, "Under the pointer"), under, ...rows.flatMap(([key, value]) => [el("dt", {}, key), el("dd", {}, value)]));
  }

  /** What the network said of the picture; a class that has a map is a way to it. */
  function drawAnswers() {
    const { image: index, class: shown } = gallery.items[state.item], list = gallery.images[index].answers ?? [];
    if (list.length < 2) return answers.replaceChildren();
    answers.replaceChildren(...list.map(answer => {
      const item = gallery.items.findIndex(other => other.image === index && other.class === answer.class);
      const parts = [el("span", {}, answer.class), el("span", {}, format.percent(answer.probability)), el("i", { style: { width: `${100 * answer.probability}%` } })];
      return el("li", {}, item < 0 ? el("div", {}, ...parts)
        : el("button", { type: "button", "aria-pressed": answer.class === shown, title: `Map of ${answer.class}`, onclick: () => state.set({ item }) }, ...parts));
    }));
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

  const figure = el("div", { className: "viewer" }, name, map.canvas, el("div", { className: "scale" }, low, bar, high), answers, says, history);
  const redraw = () => {
    const drawn = map.show(gallery.items[state.item], state.frame, state);
    describe();
    return drawn;
  };
  return {
    element: figure,
    /** Resolves when the first picture is there. */
    async start() {
      await Pictures.load(gallery.images[gallery.items[state.item].image]);
      state.watch(["frame", "item", ...LOOK], redraw);
      state.watch(["item"], keepingFocus(answers, drawAnswers));
      if (gallery.axis[0].step !== undefined) state.watch(["item"], drawHistory);
      new ResizeObserver(redraw).observe(map.canvas);
    },
  };
}

/** Draws a list anew, and gives the focus back to the place that had it. */
function keepingFocus(list, draw) {
  return () => {
    const at = [...list.querySelectorAll("button")].indexOf(document.activeElement);
    draw();
    if (at >= 0) list.querySelectorAll("button")[at]?.focus();
  };
}

/** The name of an image without the folders that all have in common. */
function shortName(gallery, image) {
  gallery.common ??= (() => {
    const folders = gallery.images.map(({ name }) => name.split(/[/\\]/).slice(0, -1));
    const first = folders[0];
    let same = 0;
    while (same < first.length && folders.every(parts => parts[same] === first[same])) same++;
    return first.slice(0, same).join("/").length + (same > 0 ? 1 : 0);
  })();
  return image.name.slice(gallery.common);
}
