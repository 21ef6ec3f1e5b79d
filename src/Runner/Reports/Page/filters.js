// Which items are listed, and in what order.

/** What the network said of an item, and what is right where that is known; of a run, at its last evaluation. */
function answerOf(gallery, item) {
  const image = gallery.images[item.image], last = item.frames.at(-1);
  return gallery.axis[0].step !== undefined
    ? { predicted: last?.predicted, truth: item.class === "" ? undefined : item.class, confidence: last?.probability }
    : { predicted: image.answers?.[0]?.class, truth: image.truth, confidence: image.answers?.[0]?.probability };
}

const isKnown = answer => answer.truth !== undefined && answer.predicted !== undefined;
const isRight = answer => answer.truth === answer.predicted;

/** Orders, each by a number: the least first. Those without one come last. */
const SORTS = {
  order: { name: "in order", by: null },
  sure: { name: "most confident", by: ({ answer }) => -answer.confidence },
  unsure: { name: "least confident", by: ({ answer }) => answer.confidence },
  loss: { name: "worst loss", by: ({ last }) => -last?.loss },
  iou: { name: "lowest IoU", by: ({ last }) => last?.iou },
  class: { name: "class", by: null },
};

/** The list of a gallery: what there is to choose by, and what is chosen. */
function createList(gallery) {
  const images = new Set();
  const entries = gallery.items.map((item, index) => {
    const isFirst = !images.has(item.image);
    images.add(item.image);
    return { item, index, isFirst, answer: answerOf(gallery, item), last: item.frames.at(-1), predicted: "" };
  });
  for (const entry of entries) entry.predicted = entry.answer.predicted?.toLowerCase() ?? "";

  /** One map of each image, or all of them. */
  const whole = () => state.first ? entries.filter(entry => entry.isFirst) : entries;
  const has = sort => sort === "order" || (sort === "class" ? entries.some(({ item }) => item.class !== "") : entries.some(entry => isNumber(SORTS[sort].by(entry))));

  return {
    entries, whole,
    /** More than one map of an image, and more than one image. */
    hasMore: images.size > 1 && images.size < entries.length,
    images: images.size,
    sorts: Object.keys(SORTS).filter(has),

    /** What is listed now. */
    chosen() {
      const search = state.search.trim().toLowerCase(), isName = search !== "" && entries.some(entry => entry.predicted === search);
      // A whole name means that class and not also those whose names begin like it.
      const found = whole().filter(({ answer, predicted }) => (isName ? predicted === search : predicted.includes(search))
        && (state.answer === "all" || (isKnown(answer) && isRight(answer) === (state.answer === "right")))
        && (state.confidence === 0 || answer.confidence >= state.confidence));
      const { by } = SORTS[state.sort], number = entry => { const value = by(entry); return isNumber(value) ? value : Infinity; };
      if (by) {
        const keys = new Map(found.map(entry => [entry, number(entry)]));
        found.sort((a, b) => (keys.get(a) === keys.get(b) ? a.index - b.index : keys.get(a) - keys.get(b)));
      }
      if (state.sort === "class") {
        const compare = new Intl.Collator("en", { numeric: true }).compare;
        found.sort((a, b) => compare(a.item.class, b.item.class) || a.index - b.index);
      }
      return found;
    },
  };
}

const NO_FILTER = { search: "", answer: "all", confidence: 0 };

/** The controls above the list; those that choose nothing are left out. */
function createFilters(list) {
  const classes = new Map();
  for (const { answer } of list.whole()) if (answer.predicted !== undefined) classes.set(answer.predicted, (classes.get(answer.predicted) ?? 0) + 1);
  const names = [...classes].sort(([a], [b]) => new Intl.Collator("en", { numeric: true }).compare(a, b));
  const parts = [], sync = [];

  if (names.length > 1) {
    const search = el("input", { type: "search", id: "search", placeholder: `any of ${format.count(names.length)}`, autocomplete: "off", spellcheck: false, oninput: () => state.set({ search: search.value }) });
    search.setAttribute("list", "classes");
    sync.push(() => { if (search.value !== state.search) search.value = state.search; });
    parts.push(el("label", {}, "Predicted", search), el("datalist", { id: "classes" }, ...names.map(([name, count]) => el("option", { value: name }, format.count(count)))));
  }

  const known = list.entries.filter(entry => isKnown(entry.answer));
  if (known.some(entry => isRight(entry.answer)) && known.some(entry => !isRight(entry.answer))) {
    const counts = { all: el("small"), right: el("small"), wrong: el("small") };
    const choice = createSwitch("answer", [["all", "All"], ["right", "Right"], ["wrong", "Wrong"]].map(([value, text]) => [value, el("span", {}, text, counts[value])]), "Answers");
    sync.push(() => {
      const all = list.whole(), right = all.filter(({ answer }) => isKnown(answer) && isRight(answer)).length;
      const wrong = all.filter(({ answer }) => isKnown(answer) && !isRight(answer)).length;
      for (const [value, count] of Object.entries({ all: all.length, right, wrong })) counts[value].textContent = format.count(count);
      for (const input of choice.querySelectorAll("input")) input.checked = input.value === state.answer;
    });
    parts.push(choice);
  }

  if (list.entries.some(({ answer }) => isNumber(answer.confidence))) {
    const [label, update] = createSlider("confidence", "Confidence at least");
    sync.push(update);
    parts.push(label);
  }

  if (list.hasMore) {
    const first = el("input", { type: "checkbox", id: "first", onchange: () => state.set({ first: first.checked }) });
    sync.push(() => { first.checked = state.first; });
    parts.push(el("label", {}, first, "One map an image"));
  }

  if (list.sorts.length > 1) parts.push(createSelect("sort", list.sorts.map(sort => [sort, SORTS[sort].name]), "Sort by"));
  const shown = el("output");
  const clear = el("button", { type: "button", id: "clear", hidden: true, onclick: () => { state.set(NO_FILTER); parts[0].querySelector("input, select")?.focus(); } }, "Show all");
  return {
    element: el("div", { className: "tools find", role: "search", "aria-label": "Choose images" }, ...parts),
    found: el("div", { className: "found" }, shown, clear),
    /** Says how many are listed. */
    tell(count) {
      const all = list.whole().length, what = list.images === all ? "images" : "maps";
      shown.textContent = count === all ? `${format.count(all)} ${all === 1 ? what.slice(0, -1) : what}` : `${format.count(count)} of ${format.count(all)} ${what}`;
      clear.hidden = Object.entries(NO_FILTER).every(([key, value]) => state[key] === value);
      for (const update of sync) update();
    },
  };
}
