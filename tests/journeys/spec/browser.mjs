// The few things of a Mini App's page that the specification's flows lean on, for Node: relative addresses, Telegram's
// initData, what the page draws. Arguments: the flow's file, Parley's address. Standard input: the initData.
// Prints one JSON line: every answer and everything that was drawn.

import { readFileSync } from "node:fs";

const [flow, address] = process.argv.slice(2);
const initData = readFileSync(0, "utf8");
const seen = { answers: [], appended: [], typing: [] };
const ownFetch = fetch;
let finish;
const finished = new Promise((resolve) => (finish = resolve));

class PatientWebSocket extends WebSocket {
  // The flow sends at once; a page does so when its person presses a button, which is after the opening.
  constructor(url) {
    super(url.replace("wss://api.example.com", address.replace("http", "ws")));
    this.addEventListener("message", ({ data }) => JSON.parse(data).event === "message.complete" && finish());
    this.addEventListener("close", ({ code }) => finish((seen.closed = code)));
  }

  send(text) {
    if (this.readyState === WebSocket.OPEN) super.send(text);
    else this.addEventListener("open", () => super.send(text), { once: true });
  }
}

const page = {
  window: { Telegram: { WebApp: { initData } } },
  initData,
  WebSocket: PatientWebSocket,
  appendMessage: (message) => seen.appended.push(message),
  showTypingIndicator: (isTyping) => seen.typing.push(isTyping),
  fetch: async (path, options) => {
    const answer = await ownFetch(address + path, options);
    seen.answers.push({ method: options.method ?? "GET", path, status: answer.status, body: await answer.clone().json() });
    return answer;
  },
};

const text = readFileSync(flow, "utf8");
const AsyncFunction = (async () => {}).constructor;
await new AsyncFunction(...Object.keys(page), text)(...Object.values(page));
if (text.includes("new WebSocket")) await finished;
process.stdout.write(JSON.stringify(seen));
process.exit(0);
