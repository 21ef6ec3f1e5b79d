// The large map with everything that is known of it.

function createViewer(gallery) {
  const map = new MapCanvas(gallery);
  const name = el("h3"), says = el("dl", { className: "says" });
  const under = el("dd", { id: "value" }, "–");
  const answers = el("ol", { className: "answers", "aria-label": "What the network said" });
  const history = el("div"), reading = createReading(map, under);

  function describe() {
    const item = gallery.items[state.item], image = gallery.images[item.image], frame = item.frames[state.frame], isRun = gallery.axis[0].step !== undefined;
    name.replaceChildren(el("span", { title: image.name }, shortName(gallery, image)), el("span", { className: "soft" }, item.class === "" ? "" : `map of class ${item.class}`));
    reading.draw(state);
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
      return createAnswer(answer, answer.class === shown, item < 0 ? null : () => state.set({ item }));
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

  const figure = el("div", { className: "viewer" }, name, map.canvas, reading.scale, answers, says, history);
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
