// Puts the page together.

async function start() {
  startTheme();
  const isRun = data.kind === "run";
  document.getElementById("kind").textContent = isRun ? "GpuCam training run" : "GpuCam class activation maps";
  document.getElementById("subtitle").textContent = (isRun ? [data.run?.samples, data.run?.device, precisionOf(data.run), data.run?.started && format.date(data.run.started)] : [data.model, data.precision]).filter(Boolean).join(" · ");
  document.getElementById("footer").append(...data.notes.map(note => el("p", {}, note)), el("p", {}, `Written ${format.date(data.written)} by gpucam. This file holds everything it shows and asks no network for anything.`));
  showFigures();
  const drawn = data.gallery ? showGallery(data.gallery) : null;
  if (data.worst) showWorst(data.worst);
  const compared = isRun ? data.comparison : data.gallery;
  if (compared && compared.axis.length > 1) await showComparison(compared);
  showCurves();
  showConfusion();
  showFacts();
  await drawn;
  document.documentElement.dataset.ready = "true";
}

start();
