// The few helpers that every part uses. Text goes into the page as text nodes only, never as markup.

/** An element. Properties: on… are listeners, aria-…, data-… and role are attributes, style is an object, the rest are properties. */
function el(tag, properties = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null) continue;
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (name === "style") for (const [key, part] of Object.entries(value)) element.style.setProperty(key, part);
    else if (name === "role" || name.includes("-")) element.setAttribute(name, value);
    else element[name] = value;
  }
  element.append(...children.filter(child => child !== null && child !== undefined));
  return element;
}

/** An SVG element; all properties are attributes. */
function svg(tag, attributes = {}, ...children) {
  const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** Shows a section: its heading, a sentence under it, its content. */
function fillSection(id, title, lead, ...content) {
  const section = document.getElementById(id);
  section.hidden = false;
  section.append(el("h2", { id: `${id}-title` }, title), el("p", { className: "lead" }, lead), ...content);
}

/** Bytes of base64. */
function bytesOf(text) {
  const letters = atob(text), bytes = new Uint8Array(letters.length);
  for (let i = 0; i < bytes.length; i++) bytes[i] = letters.charCodeAt(i);
  return bytes;
}

/** A name that keeps its direction of writing to itself, where it stands in a text. */
const isolated = name => `\u2068${name}\u2069`;

const isNumber = value => typeof value === "number" && Number.isFinite(value);

const format = {
  count: value => value.toLocaleString("en-US", { maximumFractionDigits: 0 }),
  percent: (value, digits = 1) => `${(100 * value).toFixed(digits)} %`,
  /** Four significant digits (or so many), as short as they get. */
  value: (value, digits = 4) => {
    const size = Math.abs(value);
    if (size >= 1e5 || (size > 0 && size < 1e-3)) return value.toExponential(digits - 1).replace("e+", "e");
    return String(+value.toPrecision(digits));
  },
  seconds: value => value < 90 ? `${value.toFixed(0)} s` : value < 5400 ? `${(value / 60).toFixed(1)} min` : `${(value / 3600).toFixed(1)} h`,
  date: text => {
    const date = new Date(text);
    return Number.isNaN(date.getTime()) ? String(text) : date.toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" });
  },
};

/** The read-out beside the pointer. */
const tip = {
  element: document.getElementById("tip"),
  show(x, y, strong, rest) {
    this.element.replaceChildren(el("b", {}, strong), ` ${rest}`);
    this.element.hidden = false;
    const { width, height } = this.element.getBoundingClientRect();
    const left = x + 16 + width > innerWidth ? x - width - 12 : x + 16;
    const top = y + 20 + height > innerHeight ? y - height - 12 : y + 16;
    this.element.style.transform = `translate(${Math.max(4, left)}px, ${Math.max(4, top)}px)`;
  },
  hide() { this.element.hidden = true; },
};
