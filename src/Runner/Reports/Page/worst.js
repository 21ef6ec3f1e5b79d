// The images that the last evaluation was worst at: the image, the map of its true class, and that of the class it was taken for.

const WORST = {
  highest_loss: ["Most wrong", "The highest loss: the true class got the least probability."],
  surest_errors: ["Surest errors", "Taken for a wrong class with the highest probability."],
  lowest_iou: ["Lowest overlap", "The box of the true class's map overlaps the true box least."],
};

function showWorst(worst) {
  const gallery = worst.maps, kinds = Object.keys(WORST).filter(kind => worst[kind]?.length > 0);
  if (kinds.length === 0) return;
  state.worst = kinds[0];
  const list = el("div", { className: "cards" }), what = el("p", { className: "soft" });
  let drawings = new Map(), drawn = new Set();

  const observer = new IntersectionObserver(entries => {
    for (const { target, isIntersecting } of entries) {
      if (!isIntersecting || drawn.has(target)) continue;
      drawn.add(target);
      for (const draw of drawings.get(target) ?? []) draw();
    }
  }, { rootMargin: "300px 0px" });

  /** A picture with a line under it; without a map, the image alone. */
  function createView(item, alone, ...words) {
    const map = new MapCanvas(gallery);
    return { draw: () => map.show(item, 0, alone ? { ...state, view: "input" } : state), element: el("div", {}, map.canvas, el("span", {}, ...words)) };
  }

  function createCard(index) {
    const image = gallery.images[index], items = gallery.items.filter(item => item.image === index), [truth, said] = items;
    const { loss, predicted, iou } = truth.frames[0], right = predicted === image.truth;
    const named = (item, className) => [el("bdi", { className, title: item.class }, item.class), el("b", {}, format.percent(item.frames[0].probability))];
    const views = [createView(truth, true, el("bdi", { title: image.name }, shortName(gallery, image))), createView(truth, false, ...named(truth, ""))];
    if (said) views.push(createView(said, false, ...named(said, "wrong")));
    const facts = [`loss ${format.value(loss, 3)}`, isNumber(iou) ? `IoU ${iou.toFixed(2)}` : null].filter(Boolean).join(" · ");
    const title = right ? [el("bdi", {}, image.truth)] : [el("bdi", {}, image.truth), el("i", {}, " taken for "), el("bdi", { className: "wrong" }, predicted)];
    const card = el("figure", { className: "card" }, el("figcaption", { title: right ? image.truth : `${isolated(image.truth)} taken for ${isolated(predicted)}` }, el("span", {}, ...title), el("small", {}, facts)),
      el("div", { className: "views" }, ...views.map(view => view.element)));
    drawings.set(card, views.map(view => view.draw));
    return card;
  }

  function fill() {
    observer.disconnect();
    [drawings, drawn] = [new Map(), new Set()];
    what.textContent = WORST[state.worst][1];
    list.replaceChildren(...worst[state.worst].map(createCard));
    for (const card of list.children) observer.observe(card);
  }

  fillSection("worst", "Where it fails", `The test images that the network is worst at after step ${format.count(worst.step)}. Beside each, the map of its true class; and of a mistake, the map of the class that it was taken for.`,
    el("div", { className: "tools" }, createSwitch("worst", kinds.map(kind => [kind, WORST[kind][0]]), "Which images"), what), list);
  state.watch(["worst"], fill);
  state.listeners.push(changed => {
    if (changed.some(key => LOOK.includes(key))) for (const card of drawn) for (const draw of drawings.get(card)) draw();
  });
}
