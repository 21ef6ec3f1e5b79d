// What was taken for what at the last evaluation: a matrix of few classes, a picture of more, and for any number lists with the worst first.

const MOST_CLASSES = 30;

/** The counts of an evaluation; those of earlier versions have the matrix alone, those of many classes the pairs alone. */
function confusionOf(evaluation) {
  const test = evaluation?.test, counts = Array.isArray(test?.confusion) && test.confusion.length > 0 ? test.confusion : null;
  if (!counts && !(Array.isArray(test?.mistakes) && Array.isArray(test.class_images))) return null;
  const sums = test.class_images ?? counts.map(row => row.reduce((sum, count) => sum + count, 0));
  const names = evaluation.class_names ?? sums.map((_, i) => String(i));
  const pairs = test.mistakes ?? counts.flatMap((row, label) => row.map((count, predicted) => [label, predicted, count]))
    .filter(([label, predicted, count]) => label !== predicted && count > 0).sort((a, b) => b[2] - a[2]);
  const wrong = sums.map(() => 0), usual = sums.map(() => null);
  for (const [label, predicted, count] of pairs) {
    wrong[label] += count;
    usual[label] ??= predicted;
  }
  return { counts, names, sums, pairs, wrong, usual };
}

function showConfusion() {
  const found = confusionOf(data.evaluation);
  if (!found) return;
  const { counts, names, sums, pairs, wrong } = found, add = (sum, count) => sum + count;
  const lead = `Step ${format.count(data.evaluation.step)}: ${format.count(wrong.reduce(add, 0))} of ${format.count(sums.reduce(add, 0))} test images were taken for another class.`;
  const few = names.length <= MOST_CLASSES;
  const mistakes = createTable("mistakes", "Most frequent mistakes", ["True class", "Taken for", "#Count", "#Of its class"], pairs.map(([label, predicted, count]) => ({
    names: [names[label], names[predicted]],
    cells: () => [nameCell(names[label]), nameCell(names[predicted]), numberCell(format.count(count)), numberCell(format.percent(count / sums[label]))],
  })), few ? 8 : 12);
  if (few && counts) return fillSection("confusion", "Confusion", lead, el("div", { className: "matrix-row" }, matrixTable(counts, names, sums), mistakes.element));

  const classes = createClassTable(found);
  const search = el("input", { type: "search", id: "confused", placeholder: `any of ${format.count(names.length)}`, autocomplete: "off", spellcheck: false, oninput: () => { mistakes.search(search.value); classes.search(search.value); } });
  fillSection("confusion", "Confusion", lead,
    el("div", { className: "tools find", role: "search", "aria-label": "Choose classes" }, el("label", {}, "Class", search)),
    el("div", { className: "lists" }, counts ? matrixPicture(counts, names, sums) : null, mistakes.element, classes.element));
}

/** Every class that was tested, the worst first. */
function createClassTable({ names, sums, wrong, usual }) {
  const tested = names.map((_, label) => label).filter(label => sums[label] > 0).sort((a, b) => wrong[b] / sums[b] - wrong[a] / sums[a] || sums[b] - sums[a] || a - b);
  return createTable("classes-list", "Accuracy by class, worst first", ["Class", "Mostly taken for", "#Images", "#Right"], tested.map(label => ({
    names: [names[label]],
    cells: () => [nameCell(names[label]), nameCell(usual[label] === null ? "–" : names[usual[label]]), numberCell(format.count(sums[label])), numberCell(format.percent(1 - wrong[label] / sums[label]))],
  })), 12);
}

function matrixTable(counts, names, sums) {
  const cell = (label, predicted) => {
    const count = counts[label][predicted], right = label === predicted, share = sums[label] > 0 ? count / sums[label] : 0;
    const tint = Math.round(100 * (right ? 0.42 * share : Math.min(0.75, 1.6 * Math.sqrt(share))));
    const style = count === 0 ? {} : { background: `color-mix(in srgb, var(--${right ? "c0" : "c1"}) ${tint}%, transparent)` };
    return el("td", { className: count === 0 ? "zero" : right ? "hit" : "", style, title: `${isolated(names[label])} taken for ${isolated(names[predicted])}: ${format.count(count)}` }, count === 0 ? "·" : format.count(count));
  };
  return el("div", { className: "grid-scroll" }, el("table", { className: "matrix" },
    el("caption", {}, "Rows: the true class. Columns: the class predicted. At the end of a row, the share that was right."),
    el("thead", {}, el("tr", {}, el("th", { scope: "col" }, el("span", { className: "sr" }, "true class")), ...names.map(name => el("th", { scope: "col", title: name, dir: "auto" }, name)), el("th", { scope: "col" }, el("span", { className: "sr" }, "right")))),
    el("tbody", {}, ...names.map((name, label) => el("tr", {}, el("th", { scope: "row", title: name, dir: "auto" }, name), ...names.map((_, predicted) => cell(label, predicted)),
      el("td", { className: "share" }, sums[label] > 0 ? format.percent(counts[label][label] / sums[label]) : "–"))))));
}

/** Too many classes for numbers: a picture, with the numbers under the pointer. */
function matrixPicture(counts, names, sums) {
  const size = names.length, table = colorTables.viridis;
  const canvas = el("canvas", { width: size, height: size, role: "img", "aria-label": `Confusion matrix of ${size} classes`, style: { width: "min(560px, 100%)" } });
  const image = new ImageData(size, size);
  counts.forEach((row, label) => row.forEach((count, predicted) => {
    const entry = 3 * Math.min(255, Math.round(255 * Math.sqrt(sums[label] > 0 ? count / sums[label] : 0))), at = 4 * (label * size + predicted);
    image.data.set([table[entry], table[entry + 1], table[entry + 2], 255], at);
  }));
  canvas.getContext("2d").putImageData(image, 0, 0);
  canvas.addEventListener("pointermove", event => {
    const bounds = canvas.getBoundingClientRect(), cell = (at, start, length) => Math.max(0, Math.min(size - 1, Math.floor((at - start) / length * size)));
    const label = cell(event.clientY, bounds.top, bounds.height), predicted = cell(event.clientX, bounds.left, bounds.width);
    tip.show(event.clientX, event.clientY, format.count(counts[label][predicted]), `${isolated(names[label])} taken for ${isolated(names[predicted])}`);
  });
  canvas.addEventListener("pointerleave", () => tip.hide());
  return el("div", {}, canvas, el("p", { className: "soft" }, "Rows: the true class. Columns: the class predicted. Point at a cell for its number."));
}
