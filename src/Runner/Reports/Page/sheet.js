// The contact sheet: the listed images at the step of the slider. A tile is drawn when it comes into view, and let go when it leaves.

/** More tiles than this scroll in a box of their own. */
const MANY_TILES = 60;

function createSheet(gallery, list, filters) {
  const isRun = gallery.axis[0].step !== undefined;
  const sheet = el("div", { className: "sheet", role: "listbox", "aria-label": "Images", "aria-orientation": "vertical" });
  const nothing = el("p", { className: "nothing", hidden: true }, "No image is like that.");
  const tiles = list.entries.map(entry => {
    const map = new MapCanvas(gallery, { small: true }), left = el("span"), right = el("span");
    const image = gallery.images[entry.item.image];
    map.canvas.setAttribute("aria-label", `${image.name}, class ${entry.item.class}`);
    const button = el("button", {
      type: "button", className: "tile", role: "option", "data-item": entry.index, "aria-selected": false, tabIndex: -1,
      title: isRun ? undefined : image.truth === undefined ? image.name : `${image.name}: ${image.truth}`,
      onclick: () => state.set({ item: entry.index }),
    }, map.canvas, el("span", {}, left, right));
    return { ...entry, map, left, right, button };
  });
  const byButton = new Map(tiles.map(tile => [tile.button, tile])), inView = new Set();
  let listed = [], width = 0, selected = null;

  function name(tile) {
    const frame = tile.item.frames[state.frame], { left, right } = tile;
    if (!isRun) {
      const { answer } = tile, wrong = isKnown(answer) && !isRight(answer) && answer.predicted === tile.item.class;
      left.textContent = wrong ? `✕ ${answer.predicted}` : tile.item.class;
      left.className = wrong ? "wrong" : "";
      right.textContent = isNumber(frame?.probability) ? format.percent(frame.probability, 0) : "";
      return;
    }
    const wrong = frame?.predicted !== undefined && frame.predicted !== tile.item.class;
    left.textContent = wrong ? `${tile.item.class} → ${frame.predicted} ✕` : tile.item.class === "" ? gallery.images[tile.item.image].name : `${tile.item.class}`;
    left.className = wrong ? "wrong" : "";
    right.textContent = isNumber(frame?.iou) ? `IoU ${frame.iou.toFixed(2)}` : "";
  }

  const draw = tile => tile.map.show(tile.item, state.frame, state, width);

  function measure() {
    const any = listed[0]?.map.canvas.getBoundingClientRect().width;
    if (any) width = any;
  }

  /** The tile of an item, or that of another map of its image, or none. */
  const tileOf = index => listed.find(tile => tile.index === index) ?? listed.find(tile => tile.item.image === gallery.items[index].image);

  function select() {
    const tile = tileOf(state.item);
    if (tile === selected) return;
    if (selected) {
      selected.button.setAttribute("aria-selected", false);
      selected.button.tabIndex = -1;
    }
    selected = tile ?? null;
    selected?.button.setAttribute("aria-selected", true);
    if (selected) selected.button.tabIndex = 0;
  }

  function fill(changed) {
    listed = list.chosen().map(entry => tiles[entry.index]);
    sheet.replaceChildren(...listed.map(tile => tile.button));
    if (!changed.includes("item")) sheet.scrollTop = 0;
    nothing.hidden = listed.length > 0;
    filters.tell(listed.length);
    const sorted = changed.includes("sort") && state.sort !== "order";
    if (listed.length > 0 && (sorted || !tileOf(state.item))) state.set({ item: listed[0].index });
    select();
  }

  sheet.addEventListener("keydown", event => {
    const at = listed.indexOf(selected), next = { ArrowUp: at - 1, ArrowDown: at + 1, Home: 0, End: listed.length - 1 }[event.key];
    if (next === undefined || event.shiftKey) return;
    event.preventDefault();
    const tile = listed[Math.max(0, Math.min(listed.length - 1, next))];
    state.set({ item: tile.index });
    tile.button.focus();
  });

  return {
    element: el("div", {}, sheet, nothing),
    /** Resolves when what is in view is drawn. */
    start() {
      const many = tiles.length > MANY_TILES;
      sheet.classList.toggle("many", many);
      fill([]);
      state.watch(["frame"], () => { for (const tile of tiles) name(tile); });
      state.listeners.push(changed => {
        if (changed.some(key => ["sort", "search", "answer", "confidence", "first"].includes(key))) fill(changed);
        if (changed.includes("item")) select();
        if (changed.some(key => key === "frame" || LOOK.includes(key))) {
          measure();
          for (const tile of inView) draw(tile);
        }
      });
      return new Promise(resolve => {
        const observer = new IntersectionObserver(entries => {
          measure();
          const drawn = [];
          for (const { target, isIntersecting } of entries) {
            const tile = byButton.get(target);
            if (isIntersecting) {
              inView.add(tile);
              drawn.push(draw(tile));
            } else if (inView.delete(tile)) tile.map.release();
          }
          Promise.all(drawn).then(resolve);
        }, { root: many ? sheet : null, rootMargin: "300px 0px" });
        for (const tile of tiles) observer.observe(tile.button);
      });
    },
  };
}
