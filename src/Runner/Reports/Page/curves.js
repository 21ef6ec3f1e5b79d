// Which curves there are. Fields of the logs may be absent, and new ones may come.

const METRIC_NAMES = {
  gt_known: "box right (IoU ≥ 0.5)",
  pointing_game: "maximum in the box",
  max_box_acc: "MaxBoxAcc",
  max_box_acc_v2: "MaxBoxAccV2",
  top1_localisation: "box and class right (top-1)",
  px_ap: "PxAP",
  energy_pointing_game: "energy in the box",
};
const KNOWN_METRICS = ["step", "images", "canvas", "learning_rate", "train_loss", "train_accuracy", "test_images", "test_loss", "test_accuracy", "max_box_acc_threshold",
  "penalty", "iterations", "validation_loss", "validation_accuracy", "validation_class_accuracy", "test_class_accuracy", "untrained_accuracy", "untrained_class_accuracy"];

function showCurves() {
  const series = (log, key, name) => ({ name, points: log.filter(entry => isNumber(entry[key])).map(entry => [entry.step, entry[key]]) });
  const some = list => list.filter(entry => entry.points.length > 0);
  const extra = [...new Set(data.metrics.flatMap(entry => Object.keys(entry)))].filter(key =>
    !KNOWN_METRICS.includes(key) && data.metrics.some(entry => isNumber(entry[key])) && data.metrics.every(entry => !isNumber(entry[key]) || (entry[key] >= 0 && entry[key] <= 1)));
  const loss = some([series(data.metrics, "test_loss", "test"), series(data.metrics, "train_loss", "training"), series(data.metrics, "validation_loss", "validation")])
    .map(entry => ({ ...entry, points: entry.points.filter(([, y]) => y >= 0) }));
  const losses = loss.flatMap(entry => entry.points.map(([, y]) => y));
  const wide = losses.length > 0 && Math.min(...losses) > 0 && Math.max(...losses) / Math.min(...losses) > 20;
  const rate = series(data.metrics.filter(entry => entry.step > 0), "learning_rate", "learning rate");
  const charts = [
    { title: "Accuracy", note: "share of images named right", percent: true, range: [0, 1], series: some([series(data.metrics, "test_accuracy", "test"), series(data.metrics, "train_accuracy", "training"), series(data.metrics, "validation_class_accuracy", "validation, mean per class")]) },
    { title: "Loss", note: wide ? "mean cross-entropy, logarithmic" : "mean cross-entropy", log: wide, range: wide ? null : [0, 0], series: loss },
    { title: "Localisation", note: "share of test images", percent: true, range: [0, 1], series: some(extra.map(key => series(data.metrics, key, METRIC_NAMES[key] ?? key.replaceAll("_", " ")))) },
    { title: "Learning rate", series: some([rate]), range: [0, 0] },
    { title: "Speed", note: "images a second", range: [0, 0], series: some([series(data.timing.filter(entry => entry.step > 0), "images_per_second", "training"), series(data.timing, "test_images_per_second", "test, with maps")]) },
  ].filter(chart => chart.series.length > 0);
  if (charts.length === 0) return;
  fillSection("curves", "Through training", "Point at a curve to read it; a click moves the slider above to that step.", el("div", { className: "charts" }, ...charts.map(createChart)));
}
