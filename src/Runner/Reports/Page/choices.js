// What there is to choose on a report.

const state = createState({
  ...FIRST_LOOK,
  /** Index on the gallery's axis: the last frame first, because that is what a run is about. */
  frame: Math.max(0, (data.gallery?.axis.length ?? 1) - 1),
  item: 0,
  sort: "order",
  /** Which items are listed: part of a class's name, how it was answered, the least confidence, and only the first map of an image. */
  search: "",
  answer: "all",
  confidence: 0,
  first: false,
  /** Which of the images that went worst are shown. */
  worst: "highest_loss",
});

/** The training step that the slider shows, or null. */
const currentStep = () => data.gallery?.axis[state.frame]?.step ?? null;
