// What a link asks its server: over the control namespace where there is a server half, by the barrier where there is none.
import { type Manager, Socket } from "socket.io-client";
import { unref } from "../clock.js";
import { ConnectionError } from "../errors.js";
import { BARRIER_PREFIX, meaningOf, PROTOCOL_VERSION, REAUTHENTICATE_REQUIRED } from "../protocol.js";
import { field } from "../value.js";
import { codeOf } from "./classify.js";
import type { LinkEvent, ReauthenticationAnswer } from "./io-adapter.js";
import type { ReadRefusal, Refusals } from "./refusals.js";

/**
 * How long to wait for `ready` where the namespace is accepted, in milliseconds: over polling it comes a request later
 * than the answer to the CONNECT.
 */
const READY_DELAY = 1_000;

/** The server half of a link, spoken to over the control namespace. */
export interface Control {
  /** Whether the server half has announced itself. */
  readonly isReady: boolean;
  /** Asks the server to take another token; never rejects. */
  reauthenticate(credential: object, signal: AbortSignal): Promise<ReauthenticationAnswer>;
  /** Resolves when the server has read what was written before, or when the signal aborts. */
  sync(signal: AbortSignal): Promise<void>;
  close(): void;
}

interface Parts {
  /** A socket of the link in the control namespace. */
  socket: Socket;
  refusals: Refusals;
  /** Resolves when the server has answered something that is asked now, or when the signal aborts. */
  probe(signal: AbortSignal): Promise<unknown>;
  /** What the server half said of itself, or that there is none; again, with another `expiresIn`, where it wants a newer token. */
  onReady(event: ReadyEvent): void;
  /** The server is about to end the link, and says why. */
  onGoodbye(answer: ReadRefusal): void;
}

type ReadyEvent = Extract<LinkEvent, { type: "ready" }>;

const NO_SERVER_HALF: ReadyEvent = { type: "ready", reauthenticate: false };

/** @see docs/protocol.md for the messages. */
export function createControl({ socket, refusals, probe, onReady, onGoodbye }: Parts): Control {
  let isReady = false;
  /** What was decided. */
  let said: ReadyEvent | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let probing: AbortController | undefined;

  const stopWaiting = (): void => {
    clearTimeout(timer);
    probing?.abort();
  };
  const decide = (event: ReadyEvent): void => {
    stopWaiting();
    if (said) return;
    said = event;
    onReady(event);
  };
  const refusal = (data: unknown): ReadRefusal => {
    const code = codeOf(data);
    const description = field(data, "error_description");
    const message =
      typeof description === "string" ? description : `The server refused: ${code ?? "it gave no reason"}.`;
    return refusals.read(message, data);
  };

  /** Packets come in order: with an answer to a later question, a `ready` that was sent would be here. */
  const askForReady = async (): Promise<void> => {
    probing = new AbortController();
    const { signal } = probing;
    await probe(signal);
    if (signal.aborted) return;
    // Some server that accepts every namespace: its application should not wonder about this one.
    decide(NO_SERVER_HALF);
    socket.disconnect();
  };

  socket.on("connect", () => {
    timer = setTimeout(() => void askForReady(), READY_DELAY);
    // The link keeps the process, or with `autoUnref` nothing does.
    unref(timer);
  });
  socket.on("connect_error", () => decide(NO_SERVER_HALF));
  socket.on("disconnect", stopWaiting);
  socket.on("ready", (ready: unknown) => {
    if (said) return;
    isReady = field(ready, "version") === PROTOCOL_VERSION;
    if (!isReady) return decide(NO_SERVER_HALF);
    const expiresIn = field(ready, "expiresIn");
    const identity = field(ready, "identity");
    return decide({
      type: "ready",
      reauthenticate: field(ready, "reauthenticate") === true,
      ...(typeof expiresIn === "number" && { expiresIn }),
      ...(typeof identity === "string" && { identity }),
    });
  });
  socket.on(REAUTHENTICATE_REQUIRED, (required: unknown) => {
    const within = field(required, "within");
    // As if the token ended then, at any time until that: all clients may be asked at once.
    if (isReady && said && typeof within === "number")
      onReady({ ...said, expiresIn: Math.floor(within * Math.random()) });
  });
  socket.on("goodbye", (data: unknown) => {
    if (isReady) onGoodbye(refusal(data));
  });

  return {
    get isReady() {
      return isReady && socket.connected;
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

/** An answer that does not say what became of the newer token: another way has to be taken. */
function notAvailable(): ReauthenticationAnswer {
  return {
    ok: false,
    verdict: "replace",
    error: new ConnectionError(
      "ERR_REFUSED",
      "The server did not say what became of the newer token; the token is presented in another way.",
    ),
  };
}

/**
 * The barrier for a server without a server half, and the proof that it has none: a CONNECT to a namespace that does not
 * exist, without a credential. Packets of a link are read in order: the answer proves that everything written before was
 * read, and that everything sent before is here.
 *
 * @param number - Another one for each question on a link.
 * @returns whether the namespace was accepted: such a server cannot be asked in this way.
 */
export function isAccepted(manager: Manager, number: number, signal: AbortSignal): Promise<boolean> {
  // Always the same names: a server that accepts every namespace may keep each one that was ever asked for.
  const name = `${BARRIER_PREFIX}${number}`;
  const probe = manager.socket(name, { auth: {} });
  return new Promise((resolve) => {
    const end = (isIn: boolean): void => {
      signal.removeEventListener("abort", onAbort);
      probe.removeAllListeners();
      probe.disconnect();
      // A Manager keeps every socket that it ever made.
      Reflect.deleteProperty(Reflect.get(manager, "nsps"), name);
      resolve(isIn);
    };
    const onAbort = (): void => end(false);
    signal.addEventListener("abort", onAbort);
    probe.on("connect", () => end(true));
    probe.on("connect_error", onAbort);
    probe.on("disconnect", onAbort);
    probe.connect();
  });
}

/**
 * Drops what has come for a namespace of our own before it was accepted: nothing is sent there then, and
 * socket.io-client would keep all of it.
 */
export function forgetEarly(manager: Manager, name: string): void {
  const socket = field(Reflect.get(manager, "nsps"), name);
  if (socket instanceof Socket && !socket.connected) socket.receiveBuffer = [];
}
