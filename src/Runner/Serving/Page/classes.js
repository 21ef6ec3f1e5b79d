// What the network said, and the class whose map is shown.

/** So many of the best are listed, and so many that are found by name. */
const LISTED = 5, FOUND = 100;

function createClasses(choice, id, classNames) {
  const search = el("input", { type: "search", id: `search${id}`, placeholder: `any of ${format.count(classNames.length)}`, autocomplete: "off", spellcheck: false, oninput: () => draw() });
  const list = el("ol", { className: "answers", "aria-label": "What the network said, the most likely first" });
  const nothing = el("p", { className: "nothing", hidden: true }, "No class is called so.");
  let said = [], whole = null, shown = null;

  /** The best ones with the chosen one, or all with a name in which the text stands. */
  function listed() {
    const part = search.value.trim().toLowerCase();
    if (part !== "") return said.filter(answer => answer.class.toLowerCase().includes(part)).slice(0, FOUND);
    const best = said.slice(0, LISTED), chosen = best.some(answer => answer.index === shown) ? undefined : said.find(answer => answer.index === shown);
    return chosen ? [...best, chosen] : best;
  }

  function choose(answer) {
    // The most likely class stays so with another picture or crop.
    choice.set({ class: answer.index === said[0].index ? null : answer.index });
  }

  const draw = keepingFocus(list, () => {
    const answers = listed();
    nothing.hidden = answers.length > 0 || said.length === 0;
    list.replaceChildren(...answers.map(answer => {
      const row = createAnswer(answer, answer.index === shown, () => choose(answer)), before = whole?.get(answer.index), button = row.firstChild;
      if (before !== undefined) {
        button.children[1].prepend(el("small", { className: "was" }, el("span", { className: "sr" }, "whole picture "), `${format.percent(before)} → `));
        button.append(el("i", { className: "was", style: { left: `calc(8px + ${before} * (100% - 16px))` } }));
      }
      return row;
    }));
    const buttons = [...list.querySelectorAll("button")], at = buttons.findIndex(button => button.getAttribute("aria-pressed") === "true");
    // One stop of the Tab key; arrows go on from there.
    buttons.forEach((button, i) => { button.tabIndex = i === Math.max(0, at) ? 0 : -1; });
  });

  list.addEventListener("keydown", event => {
    const buttons = [...list.querySelectorAll("button")], at = buttons.indexOf(document.activeElement);
    const next = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: buttons.length - 1 }[event.key];
    if (next === undefined || event.shiftKey || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    buttons[next]?.focus();
    buttons[next]?.click();
  });
  search.addEventListener("keydown", event => {
    const [first] = list.querySelectorAll("button");
    if (event.key === "ArrowDown") first?.focus();
    else if (event.key === "Enter") first?.click();
    else return;
    event.preventDefault();
  });

  return {
    element: el("div", { className: "classes" }, el("div", { className: "tools find", role: "search", "aria-label": "Choose a class" }, el("label", {}, "Class", search)), list, nothing),
    search,
    /** Shows predictions, best first; those of a crop beside those of the whole picture, by index. */
    show(predictions, wholePicture, shownClass) {
      [said, whole, shown] = [predictions, wholePicture, shownClass];
      draw();
    },
    /** Chooses the class of that rank. */
    rank(i) { if (said[i]) choose(said[i]); },
  };
}
