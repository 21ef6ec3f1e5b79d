// The figures at the top, and what the run was made of at the end.

function showFigures() {
  const last = data.metrics.at(-1), clock = data.timing.at(-1), figures = [];
  if (last && isNumber(last.test_accuracy)) {
    figures.push(["Accuracy", format.percent(last.test_accuracy, 2), `of ${format.count(last.test_images)} test images`]);
  }
  if (last && isNumber(last.test_class_accuracy)) {
    figures.push(["Mean per class", format.percent(last.test_class_accuracy, 2), isNumber(last.untrained_class_accuracy) ? `${format.percent(last.untrained_class_accuracy, 2)} with random weights in the network` : "of the classes' accuracies"]);
  }
  if (last && isNumber(last.gt_known)) figures.push(["Boxes right", format.percent(last.gt_known), "IoU with the true box ≥ 0.5"]);
  if (last && isNumber(last.pointing_game)) figures.push(["Pointing game", format.percent(last.pointing_game), "maps with their maximum in the true box"]);
  if (last) figures.push(["Trained on", format.count(last.images), `images in ${format.count(last.step)} steps`]);
  if (clock && isNumber(clock.seconds)) figures.push(["Training time", format.seconds(clock.seconds), isNumber(clock.images_per_second) ? `${format.count(clock.images_per_second)} images a second` : ""]);
  if (figures.length === 0) return;
  const section = document.getElementById("figures");
  section.hidden = false;
  section.append(el("dl", { className: "figures" }, ...figures.map(([name, value, note]) => el("div", {}, el("dt", {}, name), el("dd", {}, value, el("small", {}, note))))));
}

const text = value => Array.isArray(value) ? value.map(text).join(", ") : value === true ? "yes" : value === false ? "no" : typeof value === "object" && value !== null ? JSON.stringify(value) : String(value);
const factList = (className, pairs) => el("dl", { className }, ...pairs.map(([key, value]) => el("div", {}, el("dt", {}, key), el("dd", {}, text(value)))));

// Runs of earlier versions know no other than fp32.
const precisionOf = run => run?.settings ? run.settings.precision ?? "fp32" : null;

function showFacts() {
  const run = data.run;
  if (!run) return;
  const known = [["Samples", run.samples], ["Device", run.device], ["Precision", precisionOf(run)], ["Kernels", run.build], ["GpuCam", run.version], ["Started", run.started && format.date(run.started)], ["Folder", data.folder]];
  const content = [factList("facts wide", known.filter(([, value]) => value !== undefined && value !== null && value !== ""))];
  if (run.command) {
    const copy = el("button", { type: "button", className: "quiet", onclick: async () => {
      try {
        await navigator.clipboard.writeText(run.command);
        copy.textContent = "Copied";
      } catch {
        getSelection().selectAllChildren(command);
        copy.textContent = "Selected";
      }
    } }, "Copy");
    const command = el("code", {}, run.command);
    content.push(el("h3", {}, "The command that reproduces it"), el("div", { className: "command" }, command, copy));
  }
  if (run.settings && typeof run.settings === "object") {
    content.push(el("h3", {}, "Every setting"), factList("facts", Object.entries(run.settings).map(([key, value]) => [key.replaceAll("_", " "), value])));
  }
  fillSection("facts", "What it was made of", "Equal settings, device and version give the same bits.", ...content);
}
