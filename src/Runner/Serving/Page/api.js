// What is asked of gpucam; nobody else is asked for anything.

/** A friendly line about what cannot be done. */
class Refusal extends Error {
  constructor(message, status) {
    super(message);
    this.status = status;
  }
}

const api = {
  /** How often a busy server is asked again, and how long is waited between: milliseconds. */
  patience: [200, 500, 1000, 2000],
  token: null,

  /** Takes the token out of the address, where others could read it; a reload in this tab finds it again. */
  takeToken() {
    const address = new URL(location.href), given = address.searchParams.get("token");
    if (given !== null) {
      this.keepToken(given);
      address.searchParams.delete("token");
      history.replaceState(null, "", address);
    }
    this.token = sessionStorage.getItem("token");
  },

  keepToken(token) {
    sessionStorage.setItem("token", token);
    this.token = token;
  },

  async ask(path, options = {}) {
    let response;
    try {
      response = await fetch(path, { ...options, headers: this.token ? { Authorization: `Bearer ${this.token}` } : {}, cache: "no-store" });
    } catch (error) {
      if (error.name === "AbortError") throw error;
      throw new Refusal("gpucam does not answer: see whether it still runs, and try again.", 0);
    }
    if (response.ok) return response;
    const said = await response.json().catch(() => null);
    throw new Refusal(said?.error ?? `gpucam answered with status ${response.status}.`, response.status);
  },

  model: async () => (await api.ask("api/model")).json(),

  /** What the network says of a picture, and a map; a busy server is asked again. */
  async explain(file, fields, signal) {
    for (let i = 0; ; i++) {
      try {
        return await (await this.ask("api/explain", { method: "POST", body: this.form(file, fields), signal })).json();
      } catch (error) {
        if (i === this.patience.length || ![429, 503].includes(error.status)) throw error;
        await new Promise(resolve => setTimeout(resolve, this.patience[i]));
        signal.throwIfAborted();
      }
    }
  },

  /** A picture as browsers can show it, with its own size in pixels. */
  async picture(file) {
    const response = await this.ask("api/picture", { method: "POST", body: this.form(file, {}) });
    return { blob: await response.blob(), width: +response.headers.get("X-Picture-Width"), height: +response.headers.get("X-Picture-Height") };
  },

  form(file, fields) {
    const form = new FormData();
    for (const [name, value] of Object.entries(fields)) if (value !== null && value !== "") form.append(name, value);
    form.append("picture", file, file.name);
    return form;
  },
};
