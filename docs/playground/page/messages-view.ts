import { byId, element, prependRow, timeOfDay } from "./dom.js";
import type { PlaygroundConnection } from "./playground-connection.js";

const LIMIT = 100;

/** Sends messages, shows what became of each, and lists what the server sends. */
export function showMessages({ socket }: PlaygroundConnection): void {
  const list = byId("messages", HTMLOListElement);
  const text = byId("message-text", HTMLInputElement);
  const wantsAnswer = byId("message-ack", HTMLInputElement);

  const add = (kind: string, label: string, body: string, outcome = ""): HTMLElement => {
    const state = element("span", "outcome", outcome);
    const line = element(
      "li",
      kind,
      element("time", "", timeOfDay(Date.now())),
      element("span", "label", label),
      element("span", "body", body),
      state,
    );
    prependRow(list, line, LIMIT);
    return state;
  };

  const send = async (body: string): Promise<void> => {
    const sentAt = performance.now();
    const state = add("sent", "You", body, "waiting for the answer");
    state.classList.add("pending");
    let words: string;
    let kind = "bad";
    try {
      const answer = await socket.emitWithAck("message", body);
      words = answer.ok
        ? `answered in ${Math.round(performance.now() - sentAt)} ms`
        : `refused: ${answer.error}`;
      if (answer.ok) kind = "good";
    } catch (error) {
      words = failureWords(error);
    }
    state.textContent = words;
    state.className = `outcome ${kind}`;
  };

  byId("message-form", HTMLFormElement).addEventListener("submit", (event) => {
    event.preventDefault();
    const body = text.value;
    text.value = "";
    if (wantsAnswer.checked) {
      void send(body);
      return;
    }
    add("sent", "You", body, "no answer wanted");
    socket.emit("note", body);
  });

  socket.on("message", ({ from, socketId, text: body }) => {
    add(
      "received",
      from,
      body,
      `from socket ${socketId.slice(0, 6)}${socketId === socket.id ? ", this client" : ""}`,
    );
  });
  socket.on("dropped", (event, code) => {
    add("dropped", "dropped", `A "${event}" will not be sent.`, code).classList.add("bad");
  });
}

function failureWords(error: unknown): string {
  if (!(error instanceof Error)) return "failed";
  return "code" in error ? `failed: ${String(error.code)}` : `failed: ${error.message}`;
}
