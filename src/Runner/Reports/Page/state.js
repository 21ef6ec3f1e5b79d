// What the reader has chosen. Parts of the page listen; nothing else is shared between them.

const state = {
  /** Index on the gallery's axis: the last frame first, because that is what a run is about. */
  frame: Math.max(0, (data.gallery?.axis.length ?? 1) - 1),
  item: 0,
  view: "overlay",
  boxes: true,
  colors: "viridis",
  /** Share of the colours over the image. */
  opacity: 0.5,
  /** What lies below this share of the colour scale is not drawn. */
  threshold: 0,
  sort: "order",
  /** Which items are listed: part of a class's name, how it was answered, the least confidence, and only the first map of an image. */
  search: "",
  answer: "all",
  confidence: 0,
  first: false,
  /** Which of the images that went worst are shown. */
  worst: "highest_loss",
  listeners: [],

  /** Changes some of it and tells everybody what changed. */
  set(changes) {
    const changed = Object.keys(changes).filter(key => this[key] !== changes[key]);
    if (changed.length === 0) return;
    Object.assign(this, changes);
    for (const listener of this.listeners) listener(changed);
  },

  /** Calls back after a change of one of the keys, and once now. */
  watch(keys, callback) {
    this.listeners.push(changed => { if (changed.some(key => keys.includes(key))) callback(changed); });
    callback(keys);
  },
};

/** The name of a place on the axis. */
const placeName = place => place.step !== undefined ? `step ${format.count(place.step)}` : [place.method, place.layer].filter(Boolean).join(" at ");

/** The training step that the slider shows, or null. */
const currentStep = () => data.gallery?.axis[state.frame]?.step ?? null;
