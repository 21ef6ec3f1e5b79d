// What is read from a large map: its scale, the value under the pointer, and the answers that maps are of.

/** Shows values of a map in an element, and marks them on the scale of its colours. */
function createReading(map, under) {
  const low = el("span"), high = el("span"), mark = el("i", { hidden: true }), bar = el("div", { className: "bar" }, mark);
  let crosshair = null;

  map.onvalue = (value, x, y) => {
    mark.hidden = value === null || !!map.frame?.note;
    under.textContent = value === null ? "–" : `${format.value(value, 5)} at x ${x}, y ${y}`;
    if (value === null) return;
    const span = map.range.max - map.range.min;
    mark.style.left = `${span > 0 ? 100 * Math.max(0, value - map.range.min) / span : 0}%`;
  };

  // Shift and arrows read values without a pointer.
  map.canvas.tabIndex = 0;
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

  return {
    scale: el("div", { className: "scale" }, low, bar, high),
    /** Brings the scale up to date with what the map shows. */
    draw(look) {
      low.textContent = map.range ? format.value(map.range.min) : "";
      high.textContent = map.range ? format.value(map.range.max) : "";
      const hidden = 100 * look.threshold;
      bar.style.background = `linear-gradient(to right, var(--sunk) ${hidden}%, transparent ${hidden}%), ${colorGradient(look.colors)}`;
    },
  };
}

/** A class with its probability as a bar; one that can be chosen is a button. */
function createAnswer({ class: name, probability }, isShown, choose) {
  const parts = [el("span", {}, name), el("span", {}, format.percent(probability)), el("i", { style: { width: `${100 * probability}%` } })];
  return el("li", {}, choose
    ? el("button", { type: "button", "aria-pressed": isShown, title: `Map of ${name}`, onclick: choose }, ...parts)
    : el("div", {}, ...parts));
}

/** Draws a list anew, and gives the focus back to the place that had it. */
function keepingFocus(list, draw) {
  return () => {
    const at = [...list.querySelectorAll("button")].indexOf(document.activeElement);
    draw();
    if (at >= 0) list.querySelectorAll("button")[at]?.focus();
  };
}
