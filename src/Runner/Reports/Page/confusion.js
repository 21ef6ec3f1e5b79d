// The confusion matrix of the last evaluation, and the mistakes made most often.

const MOST_CLASSES = 30;

function showConfusion() {
  const evaluation = data.evaluation, counts = evaluation?.test?.confusion;
  if (!Array.isArray(counts) || counts.length === 0) return;
  const names = evaluation.class_names ?? counts.map((_, i) => String(i));
  const sums = counts.map(row => row.reduce((sum, count) => sum + count, 0));
  const mistakes = counts.flatMap((row, label) => row.map((count, predicted) => ({ label, predicted, count })))
    .filter(({ label, predicted, count }) => label !== predicted && count > 0).sort((a, b) => b.count - a.count).slice(0, 8);
  const total = sums.reduce((a, b) => a + b, 0), wrong = total - counts.reduce((sum, row, i) => sum + row[i], 0);
  const list = el("div", {},
    el("h3", {}, "Most frequent mistakes"),
    mistakes.length === 0 ? el("p", { className: "soft" }, "None.") : el("ol", { className: "mistakes" }, ...mistakes.map(({ label, predicted, count }) =>
      el("li", {}, el("span", {}, `${names[label]} taken for ${names[predicted]}`), el("span", { className: "soft" }, `${format.count(count)} of ${format.count(sums[label])}`)))));
  const lead = `Step ${format.count(evaluation.step)}: ${format.count(wrong)} of ${format.count(total)} test images were taken for another class.`;
  fillSection("confusion", "Confusion", lead, el("div", { className: "matrix-row" }, names.length <= MOST_CLASSES ? matrixTable(counts, names, sums) : matrixPicture(counts, names, sums), list));
}

function matrixTable(counts, names, sums) {
  const cell = (label, predicted) => {
    const count = counts[label][predicted], right = label === predicted, share = sums[label] > 0 ? count / sums[label] : 0;
    const tint = Math.round(100 * (right ? 0.42 * share : Math.min(0.75, 1.6 * Math.sqrt(share))));
    const style = count === 0 ? {} : { background: `color-mix(in srgb, var(--${right ? "c0" : "c1"}) ${tint}%, transparent)` };
    return el("td", { className: count === 0 ? "zero" : right ? "hit" : "", style, title: `${names[label]} taken for ${names[predicted]}: ${format.count(count)}` }, count === 0 ? "·" : format.count(count));
  };
  return el("div", { className: "grid-scroll" }, el("table", { className: "matrix" },
    el("caption", {}, "Rows: the true class. Columns: the class predicted. At the end of a row, the share that was right."),
    el("thead", {}, el("tr", {}, el("th", { scope: "col" }, el("span", { className: "sr" }, "true class")), ...names.map(name => el("th", { scope: "col", title: name }, name)), el("th", { scope: "col" }, el("span", { className: "sr" }, "right")))),
    el("tbody", {}, ...names.map((name, label) => el("tr", {}, el("th", { scope: "row", title: name }, name), ...names.map((_, predicted) => cell(label, predicted)),
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
    tip.show(event.clientX, event.clientY, format.count(counts[label][predicted]), `${names[label]} taken for ${names[predicted]}`);
  });
  canvas.addEventListener("pointerleave", () => tip.hide());
  return el("div", {}, canvas);
}
