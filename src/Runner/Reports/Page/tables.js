// Tables of which there may be thousands of rows: the first few, more on request, and only those with a class that is looked for.

const MORE_ROWS = 200;

/** A name from outside, cut where there is no room, whichever way it is written. */
const nameCell = name => el("td", { className: "name", dir: "auto", title: name }, name);
const numberCell = value => el("td", { className: "number" }, value);

/**
 * A table. Columns are headings, those of numbers begin with #. A row has the names that it is found by, and makes its cells when it is
 * shown. It begins with the first few.
 */
function createTable(id, title, columns, rows, first) {
  const body = el("tbody"), found = el("p", { className: "soft", role: "status" });
  const more = el("button", { type: "button", className: "quiet", id: `${id}-more` });
  let listed = rows, shown = first;

  function fill() {
    body.replaceChildren(...listed.slice(0, shown).map(row => el("tr", {}, ...row.cells())));
    const rest = listed.length - shown;
    more.hidden = rest <= 0;
    more.textContent = `Show ${format.count(Math.min(rest, MORE_ROWS))} more`;
    found.textContent = listed.length === 0 ? "None." : `${format.count(Math.min(shown, listed.length))} of ${format.count(listed.length)}`;
  }

  more.addEventListener("click", () => { shown += MORE_ROWS; fill(); });
  fill();
  return {
    element: el("div", { className: "list", id },
      el("h3", {}, title),
      el("table", {},
        el("thead", { hidden: rows.length === 0 }, el("tr", {}, ...columns.map(name => el("th", { scope: "col", className: name.startsWith("#") ? "number" : "" }, name.replace("#", ""))))),
        body),
      el("div", { className: "more" }, found, more)),
    /** Lists the rows with a name in which the text stands. */
    search(text) {
      const part = text.trim().toLowerCase();
      listed = part === "" ? rows : rows.filter(row => row.names.some(name => name.toLowerCase().includes(part)));
      shown = first;
      fill();
    },
  };
}
