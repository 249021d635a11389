import type { Socket } from "socket.io-client";
import { unref } from "../clock.js";
import { ConnectionError } from "../errors.js";
import { meaningOf, PROTOCOL_VERSION } from "../protocol.js";
import { field } from "../value.js";
import { codeOf } from "./classify.js";
import type { LinkEvent, ReauthenticationAnswer } from "./io-adapter.js";
import { type ReadRefusal, type RefusalReader, readRefusal } from "./read-refusal.js";

/**
 * After how long without a `ready` a server that accepts the namespace is asked whether it has one, in milliseconds. A
 * server half says it at once, but over polling it comes a request later than the answer to the CONNECT.
 */
const READY_DELAY = 1_000;

/** The server half of a link, spoken to over the control namespace. */
export interface Control {
  /** Whether the server half has announced itself. */
  readonly isReady: boolean;
  begin(): void;
  /** Asks the server to take another token; never rejects. */
  reauthenticate(credential: object, signal: AbortSignal): Promise<ReauthenticationAnswer>;
  /** Resolves when the server has read what was written before, or when the signal aborts. */
  sync(signal: AbortSignal): Promise<void>;
  close(): void;
}

interface Parts extends RefusalReader {
  /** A socket of the link in the control namespace. */
  socket: Socket;
  /** Resolves when the server has answered something that is asked now, or when the signal aborts. */
  probe(signal: AbortSignal): Promise<unknown>;
  /** Called once: what the server half said of itself, or that there is none. */
  onReady(event: Extract<LinkEvent, { type: "ready" }>): void;
  /** The server is about to end the link, and says why. */
  onGoodbye(answer: ReadRefusal): void;
}

/** @see docs/protocol.md for the messages. */
export function createControl({ socket, probe, onReady, onGoodbye, ...reader }: Parts): Control {
  let isReady = false;
  let isDecided = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let probing: AbortController | undefined;

  const stopWaiting = (): void => {
    clearTimeout(timer);
    probing?.abort();
  };
  const decide = (event: Extract<LinkEvent, { type: "ready" }>): void => {
    stopWaiting();
    if (isDecided) return;
    isDecided = true;
    onReady(event);
  };
  const refusal = (data: unknown): ReadRefusal => {
    const code = codeOf(data);
    const description = field(data, "error_description");
    const message =
      typeof description === "string" ? description : `The server refused: ${code ?? "it gave no reason"}.`;
    return readRefusal({ message, data }, reader);
  };

  /** Packets come in order: with an answer to a later question, a `ready` that was sent would be here. */
  const askForReady = async (): Promise<void> => {
    probing = new AbortController();
    const { signal } = probing;
    await probe(signal);
    if (signal.aborted) return;
    // Some server that accepts every namespace: its application should not wonder about this one.
    decide({ type: "ready", reauthenticate: false });
    socket.disconnect();
  };

  socket.on("connect", () => {
    timer = setTimeout(() => void askForReady(), READY_DELAY);
    // The link keeps the process, or with `autoUnref` nothing does.
    unref(timer);
  });
  socket.on("connect_error", () => decide({ type: "ready", reauthenticate: false }));
  socket.on("disconnect", stopWaiting);
  socket.on("ready", (ready: unknown) => {
    if (isDecided) return;
    if (field(ready, "version") !== PROTOCOL_VERSION) {
      decide({ type: "ready", reauthenticate: false });
      return;
    }
    const expiresIn = field(ready, "expiresIn");
    const identity = field(ready, "identity");
    isReady = true;
    decide({
      type: "ready",
      reauthenticate: field(ready, "reauthenticate") === true,
      ...(typeof expiresIn === "number" && { expiresIn }),
      ...(typeof identity === "string" && { identity }),
    });
  });
  socket.on("goodbye", (data: unknown) => {
    if (isReady) onGoodbye(refusal(data));
  });

  return {
    get isReady() {
      return isReady && socket.connected;
    },
    begin() {
      socket.connect();
    },
    reauthenticate: (credential, signal) =>
      new Promise((resolve) => {
        const unavailable = (): void => resolve(notAvailable());
        signal.addEventListener("abort", unavailable, { once: true });
        socket.emit("reauthenticate", { auth: credential }, (answer: unknown) => {
          signal.removeEventListener("abort", unavailable);
          const expiresIn = field(answer, "expiresIn");
          const code = codeOf(answer);
          const meaning = meaningOf(code);
          if (field(answer, "ok") === true) {
            resolve({ ok: true, ...(typeof expiresIn === "number" && { expiresIn }) });
          } else if (code === undefined) {
            unavailable();
          } else {
            resolve({
              ok: false,
              ...refusal(answer),
              ...(meaning?.needsNewLink && { verdict: "replace" }),
              ...(meaning?.isOtherUser && { isOtherUser: true }),
            });
          }
        });
      }),
    sync: (signal) =>
      new Promise((resolve) => {
        signal.addEventListener("abort", () => resolve(), { once: true });
        socket.emit("sync", () => resolve());
      }),
    close() {
      stopWaiting();
      socket.removeAllListeners();
      socket.disconnect();
    },
  };
}

function notAvailable(): ReauthenticationAnswer {
  const message = "The server did not say what became of the newer token; it is put in force in another way.";
  return { ok: false, verdict: "replace", error: new ConnectionError("ERR_REFUSED", message) };
}
