// Curves over steps: inline SVG with a read-out. The read-out follows the pointer, else the slider; a click moves the slider.

function niceTicks(low, high, wanted) {
  if (!(high > low)) [low, high] = [low - (Math.abs(low) * 0.1 || 1), high + (Math.abs(high) * 0.1 || 1)];
  const raw = (high - low) / wanted, power = 10 ** Math.floor(Math.log10(raw)), unit = raw / power;
  const step = power * (unit < 1.5 ? 1 : unit < 3.5 ? 2 : unit < 7.5 ? 5 : 10);
  const ticks = [];
  for (let i = Math.floor(low / step + 1e-9); i <= Math.ceil(high / step - 1e-9); i++) ticks.push(+(i * step).toPrecision(12));
  return ticks;
}

/** Powers of ten, with 2 and 5 between them where there are few. */
function logTicks(low, high) {
  const first = Math.floor(Math.log10(low) + 1e-9), last = Math.ceil(Math.log10(high) - 1e-9);
  const factors = last - first <= 2 ? [1, 2, 5] : [1];
  const all = [];
  for (let e = first; e <= last; e++) for (const factor of factors) all.push(+(factor * 10 ** e).toPrecision(3));
  const start = all.findLastIndex(tick => tick <= low * (1 + 1e-9)), end = all.findIndex(tick => tick >= high * (1 - 1e-9));
  return all.slice(Math.max(0, start), end < 0 ? undefined : end + 1);
}

/**
 * A chart. Options: title, note, series ({name, points: [[step, value]]}), percent, log, range ([low, high] shown at least),
 * height, small.
 */
function createChart({ title, note = "", series, percent = false, log = false, range = null, height = 240, small = false }) {
  const show = value => percent ? format.percent(value) : Math.abs(value) >= 1000 ? format.count(value) : format.value(value);
  const xs = [...new Set(series.flatMap(entry => entry.points.map(([x]) => x)))].sort((a, b) => a - b);
  const ys = series.flatMap(entry => entry.points.map(([, y]) => y));
  const low = Math.min(...ys, ...(range ?? [])), high = Math.max(...ys, ...(range ?? []));
  const ticks = log ? logTicks(low, high) : niceTicks(low, high, small ? 2 : 4);
  const values = series.map(() => el("b")), legend = el("ul", { className: "legend" }, ...series.map((entry, i) =>
    el("li", {}, el("i", { style: { color: `var(--c${i % 6})` } }), entry.name, values[i])));
  const picture = svg("svg", { role: "img" });
  let hovered = null, place = null;

  const description = series.map(entry => {
    const [, first] = entry.points[0], [, last] = entry.points.at(-1);
    return `${entry.name}: from ${show(first)} to ${show(last)}`;
  }).join("; ");
  picture.append(svg("title", {}, `${title}. ${description}`));

  function draw(width) {
    const margin = { left: 8 + 7 * Math.max(...ticks.map(tick => tickText(tick).length)), right: 24, top: 8, bottom: small ? 20 : 26 };
    const scale = log ? Math.log : value => value;
    const [y0, y1] = [scale(ticks[0]), scale(ticks.at(-1))];
    const x = step => margin.left + (xs.length < 2 ? 0.5 : (step - xs[0]) / (xs.at(-1) - xs[0])) * (width - margin.left - margin.right);
    const y = value => height - margin.bottom - (scale(value) - y0) / (y1 - y0) * (height - margin.bottom - margin.top);
    place = { x, y, margin, width };
    picture.setAttribute("viewBox", `0 0 ${width} ${height}`);
    const parts = [picture.firstChild];
    for (const tick of ticks) {
      parts.push(svg("line", { class: "grid", x1: margin.left, x2: width - margin.right, y1: y(tick), y2: y(tick) }));
      parts.push(svg("text", { class: "axis", x: margin.left - 7, y: y(tick) + 4, "text-anchor": "end" }, tickText(tick)));
    }
    const steps = niceTicks(xs[0], xs.at(-1), Math.max(2, Math.floor(width / 110))).filter(tick => tick >= xs[0] && tick <= xs.at(-1));
    for (const tick of steps) {
      parts.push(svg("text", { class: "axis", x: x(tick), y: height - 5, "text-anchor": "middle" }, format.count(tick)));
    }
    series.forEach((entry, i) => {
      const path = entry.points.map(([step, value], k) => `${k ? "L" : "M"}${x(step).toFixed(1)} ${y(value).toFixed(1)}`).join("");
      parts.push(svg("path", { class: "line", stroke: `var(--c${i % 6})`, d: path }));
      if (entry.points.length === 1) parts.push(svg("circle", { cx: x(entry.points[0][0]), cy: y(entry.points[0][1]), r: 3, fill: `var(--c${i % 6})` }));
    });
    parts.push(svg("g", { class: "marks" }));
    picture.replaceChildren(...parts);
    mark();
  }

  const tickText = tick => percent ? `${+(100 * tick).toFixed(4)} %` : Math.abs(tick) >= 1000 ? format.count(tick) : String(tick);

  /** The point of a series at a step, or the nearest before it. */
  const at = (entry, step) => entry.points.findLast(([x]) => x <= step) ?? entry.points[0];

  function mark() {
    if (!place) return;
    const step = hovered ?? currentStep() ?? xs.at(-1), marks = picture.lastChild;
    const { x, y, margin } = place;
    marks.replaceChildren(svg("line", { class: "now", x1: x(step), x2: x(step), y1: margin.top, y2: height - margin.bottom }));
    series.forEach((entry, i) => {
      const [at_x, at_y] = at(entry, step);
      values[i].textContent = show(at_y);
      marks.append(svg("circle", { class: "dot", cx: x(at_x), cy: y(at_y), r: 4, fill: `var(--c${i % 6})` }));
    });
    caption.textContent = hovered === null ? note : `step ${format.count(hovered)}`;
  }

  function stepUnder(event) {
    const bounds = picture.getBoundingClientRect();
    const pointer = (event.clientX - bounds.left) / bounds.width * place.width;
    return xs.reduce((best, step) => Math.abs(place.x(step) - pointer) < Math.abs(place.x(best) - pointer) ? step : best, xs[0]);
  }

  picture.addEventListener("pointermove", event => { hovered = stepUnder(event); mark(); });
  picture.addEventListener("pointerleave", () => { hovered = null; mark(); });
  picture.addEventListener("click", event => {
    const axis = data.gallery?.axis ?? [], step = stepUnder(event);
    if (axis[0]?.step === undefined) return;
    state.set({ frame: axis.reduce((best, { step: s }, i) => Math.abs(s - step) < Math.abs(axis[best].step - step) ? i : best, 0) });
  });

  const caption = el("small", {}, note);
  const figure = el("figure", { className: small ? "chart small" : "chart" }, el("figcaption", {}, el("h3", {}, title), caption), legend, picture);
  let drawn = 0;
  new ResizeObserver(([entry]) => {
    const width = Math.round(entry.contentRect.width);
    if (width > 0 && width !== drawn) draw(drawn = width);
  }).observe(figure);
  state.listeners.push(changed => { if (changed.includes("frame") && figure.isConnected) mark(); });
  return figure;
}
