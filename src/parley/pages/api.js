/** The REST API as one signed-in person uses it. */

/** An answer that is not 2xx, or none at all (`code` is then "offline"). `details` has the body's further members. */
export class ApiError extends Error {
  constructor(code, details = {}) {
    super(code);
    this.code = code;
    this.details = details;
  }
}

/**
 * How the page signs in: `{initData, model}`, or null where it is neither in Telegram nor in a demo.
 * Telegram puts initData into the fragment; a demo gives its own at `/demo/init-data`.
 */
export async function signIn(fragment) {
  const given = new URLSearchParams(fragment.slice(1)).get("tgWebAppData");
  if (given) return { initData: given, model: "" };
  const answer = await fetch("/demo/init-data");
  return answer.ok ? { initData: await answer.text(), model: answer.headers.get("X-Parley-Model") ?? "" } : null;
}

export class Api {
  constructor(initData) {
    this.initData = initData;
  }

  /** The answer's JSON and headers; raises ApiError. */
  async call(method, path, body = undefined, signal = undefined) {
    const headers = { Authorization: `tma ${this.initData}`, "Content-Type": "application/json" };
    let answer;
    try {
      answer = await fetch(path, { method, headers, signal, body: body && JSON.stringify(body) });
    } catch (fault) {
      if (fault.name === "AbortError") throw fault;
      throw new ApiError("offline");
    }
    const said = await answer.json().catch(() => ({ error: "internal_error" }));
    if (!answer.ok) throw new ApiError(said.error, said);
    return { said, headers: answer.headers };
  }

  async get(path, signal) {
    return (await this.call("GET", path, undefined, signal)).said;
  }

  async post(path, body) {
    return (await this.call("POST", path, body)).said;
  }

  async patch(path, body) {
    return (await this.call("PATCH", path, body)).said;
  }

  async delete(path) {
    return (await this.call("DELETE", path)).said;
  }

  /** The address of a chat's socket, telling what came after `seq`. */
  socketUrl(character, seq) {
    const query = `initData=${encodeURIComponent(this.initData)}&after=${seq}`;
    return `${location.origin.replace(/^http/, "ws")}/api/ws/chat/${character}?${query}`;
  }
}
