// The images with their maps: the player, the large one, and the sheet of all.

/** Puts it into the page at once, and resolves when all that is in view is drawn. */
function showGallery(gallery) {
  const isRun = gallery.axis[0].step !== undefined, photographs = gallery.images.some(image => !isSharp(image));
  const lead = isRun
    ? `Class activation maps of ${gallery.items.length} test images: how much each place speaks for the true class. Move the slider to follow them through training.`
    : `How much each place of the image speaks for the class under the picture. Point at a map to read its value.${gallery.images.some(image => image.seen) ? " What the network did not see of a picture is hatched." : ""}`;
  const list = createList(gallery);
  state.first = list.hasMore && list.images > 12;
  const player = gallery.axis.length > 1 ? createPlayer(gallery.axis) : null;
  const filters = createFilters(list), viewer = createViewer(gallery), sheet = createSheet(gallery, list, filters);
  fillSection("gallery", "Where it looks", lead, ...[player, createTools(), gallery.items.length > 1 ? filters.element : null, el("div", { className: photographs ? "bench photographs" : "bench" }, viewer.element, el("div", {},
    gallery.items.length > 1 ? filters.found : null,
    sheet.element,
    el("p", { className: "hint" }, ...(player ? [el("kbd", {}, "←"), " ", el("kbd", {}, "→"), isRun ? " step   " : " method and layer   ", el("kbd", {}, "space"), " play   "] : []),
      el("kbd", {}, "↑"), " ", el("kbd", {}, "↓"), " image   ", el("kbd", {}, "shift"), " + arrows on the large map: read values")))].filter(Boolean));
  return Promise.all([viewer.start(), sheet.start()]);
}
