// How a picture comes in: dropped anywhere, pasted, or chosen.

/** Pixels of the longer side that are kept to draw. */
const MOST_SIDE = 2048;

function createSource(model) {
  const megabytes = Math.floor(model.limits.bytes / 1e6), megapixels = Math.floor(model.limits.pixels / 1e6);
  const file = el("input", { type: "file", id: "file", accept: "image/*", hidden: true, tabIndex: -1, onchange: () => { take(file.files, ""); file.value = ""; } });
  const name = el("strong"), about = el("span", { className: "soft" });
  const drop = el("button", { type: "button", id: "drop", className: "drop", "aria-describedby": "limits", onclick: () => file.click() },
    svg("svg", { viewBox: "0 0 24 24", "aria-hidden": "true" }, svg("path", { d: "M12 16V4m0 0L7 9m5-5 5 5M4 15v3a2 2 0 0 0 2 2h12a2 2 0 0 0 2-2v-3" })), el("span", { className: "words" }, name, about));
  const trouble = el("p", { className: "trouble", id: "refused", role: "alert" });
  const limits = el("p", { className: "soft", id: "limits" }, `PNG, JPEG, WebP, GIF or BMP, up to ${megabytes} MB and ${megapixels} megapixels. It goes to gpucam at ${location.host} and to nobody else, and nothing of it is kept. Then switch methods and layers, compare two maps, or drag a crop, and watch the answer follow.`);
  let turn = 0;

  function draw() {
    const { picture } = state;
    drop.classList.toggle("small", picture !== null);
    limits.hidden = picture !== null;
    name.textContent = picture ? picture.name : "Drop a picture here";
    about.textContent = picture ? `${format.count(picture.width)} × ${format.count(picture.height)} pixels · drop, paste or choose another` : "paste one, or press to choose a file";
    document.title = picture ? `${picture.name} · GpuCam` : "GpuCam";
  }

  /** Takes the first file of a list; what cannot be read leaves everything as it is, and says why. */
  async function take(files, called) {
    const [first] = files, mine = ++turn;
    trouble.textContent = "";
    if (!first) return;
    if (first.size > model.limits.bytes) {
      trouble.textContent = `That file has ${(first.size / 1e6).toFixed(1)} MB, and at most ${megabytes} MB are taken: make it smaller.`;
      return;
    }
    drop.setAttribute("aria-busy", "true");
    try {
      const picture = { name: called || first.name, file: first, ...await decode(first) };
      if (mine !== turn) return picture.bitmap.close();
      if (picture.width * picture.height > model.limits.pixels) throw new Refusal(`That picture has ${format.count(picture.width)} × ${format.count(picture.height)} pixels, and at most ${megapixels} million are taken: make it smaller.`);
      state.set({ picture, crop: null });
      if (files.length > 1) trouble.textContent = `Of ${files.length} files the first is shown.`;
    } catch (error) {
      if (mine === turn) trouble.textContent = error.message;
    } finally {
      if (mine === turn) drop.removeAttribute("aria-busy");
    }
  }

  const holdsFiles = event => [...event.dataTransfer?.types ?? []].includes("Files");
  addEventListener("dragover", event => {
    event.preventDefault();
    event.dataTransfer.dropEffect = "copy";
    document.body.classList.add("dropping");
  });
  addEventListener("dragleave", event => { if (event.relatedTarget === null) document.body.classList.remove("dropping"); });
  addEventListener("drop", event => {
    event.preventDefault();
    document.body.classList.remove("dropping");
    if (holdsFiles(event)) take(event.dataTransfer.files, "");
    else trouble.textContent = "That was a link or a text: save the picture, and drop the file. This page asks nobody but its own gpucam.";
  });
  addEventListener("paste", event => {
    const { files } = event.clipboardData;
    if (files.length > 0) take(files, "Pasted picture");
    else if (!event.target.closest?.("input, textarea")) trouble.textContent = "There is no picture on the clipboard: copy the picture itself, not its address.";
  });

  state.watch(["picture"], draw);
  return {
    element: [file, drop, limits, trouble],
    choose: () => file.click(),
    /** Asks the server for what it sees, where a browser sees another size. */
    async correct() {
      const { picture } = state;
      if (picture.isCorrected) return;
      const corrected = { ...picture, ...await decodeThere(picture.file), isCorrected: true };
      if (state.picture === picture) state.set({ picture: corrected });
    },
  };
}

/** The pixels of a file, upright; by the server where the browser cannot. */
async function decode(file) {
  const bitmap = await createImageBitmap(file).catch(() => null);
  return bitmap ? { width: bitmap.width, height: bitmap.height, bitmap: overWhite(bitmap) } : decodeThere(file);
}

async function decodeThere(file) {
  const { blob, width, height } = await api.picture(file);
  return { width, height, bitmap: overWhite(await createImageBitmap(blob)) };
}

/** As the network gets it: nothing shines through. */
function overWhite(bitmap) {
  const scale = Math.min(1, MOST_SIDE / Math.max(bitmap.width, bitmap.height));
  const canvas = new OffscreenCanvas(Math.max(1, Math.round(scale * bitmap.width)), Math.max(1, Math.round(scale * bitmap.height))), context = canvas.getContext("2d");
  context.fillStyle = "white";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.imageSmoothingQuality = "high";
  context.drawImage(bitmap, 0, 0, canvas.width, canvas.height);
  bitmap.close();
  return canvas.transferToImageBitmap();
}
