// Keys, and the list of them.

const KEYS = [
  ["O", "choose a picture"],
  ["Ctrl V", "paste a picture"],
  ["1 … 5", "the class of that rank"],
  ["/", "search a class by name; ↑ ↓ in the list choose it"],
  ["M", "method; then ↑ ↓"],
  ["L", "layer; then ↑ ↓"],
  ["V", "overlay, map or input"],
  ["B", "boxes on or off"],
  ["C", "compare two maps"],
  ["X", "crop by numbers"],
  ["Shift arrows", "on the picture: read values"],
  ["Esc", "stop what is at work; else the whole picture again"],
  ["?", "this list"],
];

/** Panes are asked for when a key is pressed: the second comes and goes. */
function startKeys(source, panes, compare) {
  const help = document.getElementById("help"), button = document.getElementById("keys");
  help.append(el("h2", { id: "help-title" }, "Keys"),
    el("dl", {}, ...KEYS.flatMap(([key, what]) => [el("dt", {}, ...key.split(" ").flatMap((part, i) => [i > 0 ? " " : "", part === "…" ? part : el("kbd", {}, part)])), el("dd", {}, what)])),
    el("p", { className: "soft" }, "With two maps, keys are for the one that has the focus."),
    el("form", { method: "dialog" }, el("button", { className: "quiet" }, "Close")));
  button.addEventListener("click", () => help.showModal());

  const current = () => panes().find(pane => pane.element.contains(document.activeElement)) ?? panes()[0];
  const focus = key => current().controls.querySelector(`[id^="${key}"]`)?.focus();
  const views = ["overlay", "map", "input"];

  /** Stops the smallest thing that is going on. */
  function leave() {
    if (panes().some(pane => pane.band.cancel())) return;
    const working = panes().filter(pane => pane.isWorking());
    if (working.length > 0) for (const pane of working) pane.halt();
    else state.set({ crop: null });
  }

  const shownKeys = {
    "/": () => current().classes.search.focus(),
    m: () => focus("method"),
    l: () => focus("layer"),
    v: () => {
      const next = views[(views.indexOf(state.view) + 1) % views.length];
      document.querySelector(`input[name="view"][value="${next}"]`).click();
    },
    b: () => document.getElementById("boxes").click(),
    c: compare,
    x: () => document.getElementById("crop-x").focus(),
  };

  document.addEventListener("keydown", event => {
    if (event.ctrlKey || event.metaKey || event.altKey || help.open) return;
    const isTyping = event.target.closest("select, input:not([type=range], [type=radio], [type=checkbox]), textarea");
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    if (key === "Escape" && !(event.target.type === "search" && event.target.value !== "")) leave();
    else if (isTyping) return;
    else if (key === "?") help.showModal();
    else if (key === "o") source.choose();
    else if (state.picture && /^[1-5]$/.test(key)) current().classes.rank(+key - 1);
    else if (state.picture && shownKeys[key]) shownKeys[key]();
    else return;
    event.preventDefault();
  });
}
