// What the reader chooses. Parts of the page listen; nothing else is shared between them.

/** How maps look at first. */
const FIRST_LOOK = {
  view: "overlay",
  boxes: true,
  colors: "viridis",
  /** Share of the colours over the image. */
  opacity: 0.5,
  /** What lies below this share of the colour scale is not drawn. */
  threshold: 0,
};

function createState(first) {
  return {
    ...first,
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
}

/** The name of a place on the axis. */
const placeName = place => place.step !== undefined ? `step ${format.count(place.step)}` : [place.method, place.layer].filter(Boolean).join(" at ");
