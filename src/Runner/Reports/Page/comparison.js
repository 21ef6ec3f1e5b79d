// Methods down, layers across: the maps of one image and class side by side.

async function showComparison(gallery) {
  await Pictures.load(gallery.images[gallery.items[0].image]);
  const unique = values => [...new Set(values)];
  const methods = unique(gallery.axis.map(place => place.method)), layers = unique(gallery.axis.map(place => place.layer));
  const canvases = new Map(gallery.axis.map((_, i) => [i, new MapCanvas(gallery)]));
  const captions = new Map(gallery.axis.map((_, i) => [i, el("small")]));
  const choose = el("select", { id: "compared", onchange: () => draw() }, ...gallery.items.map((item, i) => el("option", { value: i }, `${shortName(gallery, gallery.images[item.image])} · class ${item.class}`)));
  const cell = (method, layer) => el("td", {}, ...gallery.axis.flatMap((place, i) => place.method === method && place.layer === layer ? [canvases.get(i).canvas, captions.get(i)] : []));
  const table = el("table", { className: "versus" },
    el("thead", {}, el("tr", {}, el("td"), ...layers.map(layer => el("th", { scope: "col" }, layer)))),
    el("tbody", {}, ...methods.map(method => el("tr", {}, el("th", { scope: "row" }, method), ...layers.map(layer => cell(method, layer))))));

  function draw() {
    const item = gallery.items[+choose.value];
    gallery.axis.forEach((place, i) => {
      const frame = item.frames[i];
      canvases.get(i).show(item, i, state);
      canvases.get(i).canvas.hidden = !frame;
      captions.get(i).textContent = !frame ? "no map" : frame.note ?? (isNumber(frame.iou) ? `IoU ${frame.iou.toFixed(2)}` : `up to ${format.value(frame.map.max)}`);
    });
  }

  fillSection("comparison", "Methods and layers", "The same image and class by every method and layer that was drawn. At the layer that is pooled, most methods give the same picture; before it they differ.",
    el("div", { className: "tools" }, el("label", {}, "Image", choose)), el("div", { className: "grid-scroll" }, table));
  state.watch(LOOK, draw);
  if (gallery === data.gallery) state.watch(["item"], () => { choose.value = state.item; draw(); });
}
