// The slider through training (or through methods and layers), play and pause, and the keys.

const FRAME_MILLISECONDS = 320;

function createPlayer(axis) {
  const icons = { play: "M4 2.5v13l11-6.5z", pause: "M4 2.5h3.5v13H4zM10.5 2.5H14v13h-3.5z" };
  const icon = svg("path", { d: icons.play });
  const button = el("button", { type: "button", className: "play", "aria-label": "Play", onclick: () => toggle() }, svg("svg", { viewBox: "0 0 18 18", "aria-hidden": "true" }, icon));
  const slider = el("input", {
    type: "range", min: 0, max: axis.length - 1, step: 1, value: state.frame,
    "aria-label": axis[0].step !== undefined ? "Training step" : "Method and layer", oninput: () => { stop(); state.set({ frame: +slider.value }); },
  });
  const readout = el("output");
  let timer = null;

  function stop() {
    clearInterval(timer);
    timer = null;
    button.setAttribute("aria-label", "Play");
    icon.setAttribute("d", icons.play);
  }

  function toggle() {
    if (timer !== null) return stop();
    // From the end, play starts over.
    if (state.frame === axis.length - 1) state.set({ frame: 0 });
    button.setAttribute("aria-label", "Pause");
    icon.setAttribute("d", icons.pause);
    timer = setInterval(() => {
      if (state.frame >= axis.length - 1) stop();
      else state.set({ frame: state.frame + 1 });
    }, FRAME_MILLISECONDS);
  }

  function move(by) {
    stop();
    state.set({ frame: Math.max(0, Math.min(axis.length - 1, state.frame + by)) });
  }

  document.addEventListener("keydown", event => {
    const target = event.target;
    if (event.ctrlKey || event.metaKey || event.altKey || event.shiftKey || target.closest("select, input, textarea, [contenteditable]")) return;
    if (event.key === "ArrowLeft") move(-1);
    else if (event.key === "ArrowRight") move(1);
    else if (event.key === " " && !target.closest("button, a, summary")) toggle();
    else return;
    event.preventDefault();
  });

  state.watch(["frame"], () => {
    slider.value = state.frame;
    const place = axis[state.frame];
    const metrics = place.step === undefined ? undefined : data.metrics.find(entry => entry.step === place.step);
    slider.setAttribute("aria-valuetext", placeName(place));
    readout.replaceChildren(
      placeName(place),
      el("small", {}, metrics && isNumber(metrics.test_accuracy) ? `${format.percent(metrics.test_accuracy)} of the test images right` : `${state.frame + 1} of ${axis.length}`));
  });
  return el("div", { className: "player", role: "group", "aria-label": "Player" }, button, slider, readout);
}
