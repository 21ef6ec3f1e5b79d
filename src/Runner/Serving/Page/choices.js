// What there is to choose, and its place in the address: a reload keeps it, but for the picture.

const MOST_PANES = 2;

const state = createState({
  ...FIRST_LOOK,
  /** The box goes around what is above this share of the map's maximum. */
  box: 0.2,
  /** The picture that is shown: name, file, width, height and a bitmap; and what was said of the whole of it, probabilities by class. */
  picture: null,
  /** The part of it that the network gets: x, y, width and height in its pixels; null for all of it. */
  crop: null,
});

/** What each map is of; without a class, of the most likely one. */
const createChoice = first => createState({ method: "", layer: "", smoothing: "", class: null, ...first });

const Address = (() => {
  const among = (...names) => ({ read: text => names.includes(text) ? text : undefined, write: value => value });
  const flag = { read: text => text === "yes", write: value => value ? "yes" : "no" };
  const share = { read: text => /^\d+$/.test(text) ? Math.min(100, +text) / 100 : undefined, write: value => Math.round(100 * value) };
  const name = { read: text => text, write: value => value };
  const index = { read: text => /^\d+$/.test(text) ? +text : undefined, write: value => value };
  const look = { view: among("overlay", "map", "input"), boxes: flag, colors: among("viridis", "jet"), opacity: share, threshold: share, box: share };
  const choice = { method: name, layer: name, smoothing: name, class: index };
  const firstLook = { ...state };

  const read = (fields, text, prefix = "") => Object.fromEntries(Object.entries(fields)
    .filter(([key]) => text.has(prefix + key)).map(([key, field]) => [key, field.read(text.get(prefix + key))]).filter(([, value]) => value !== undefined));

  return {
    /** How maps look, and what each is of. */
    read() {
      const text = new URLSearchParams(location.hash.slice(1)), choices = [];
      for (let i = 0; i < MOST_PANES; i++) {
        const found = read(choice, text, i === 0 ? "" : `${i + 1}.`);
        if (i === 0 || Object.keys(found).length > 0) choices.push(found);
      }
      return { look: read(look, text), choices };
    },

    /** Only what differs from what the page begins with. */
    write(choices, first) {
      const text = new URLSearchParams();
      for (const [key, field] of Object.entries(look)) if (state[key] !== firstLook[key]) text.set(key, field.write(state[key]));
      choices.forEach((chosen, i) => {
        for (const [key, field] of Object.entries(choice)) {
          const isFirst = i === 0 && chosen[key] === first[key];
          if (chosen[key] !== null && !isFirst) text.set((i === 0 ? "" : `${i + 1}.`) + key, field.write(chosen[key]));
        }
      });
      history.replaceState(null, "", `${location.pathname}${location.search}${text.size > 0 ? `#${text}` : ""}`);
    },
  };
})();
