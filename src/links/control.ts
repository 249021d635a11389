// What a link asks its server: over the control namespace where there is a server half, by the barrier where there is none.
import type { Manager, Socket, SocketOptions } from "socket.io-client";
import { unref } from "../clock.js";
import { meaningOf } from "../error-codes.js";
import { ConnectionError } from "../errors.js";
import { BARRIER_PREFIX, CONTROL_NAMESPACE, PROTOCOL_VERSION, REAUTHENTICATE_REQUIRED } from "../protocol.js";
import { field } from "../value.js";
import { UNANSWERED } from "../words/messages.js";
import type { LinkEvent, ReauthenticationAnswer } from "./io-adapter.js";
import { codeOf, type ReadRefusal } from "./refusals.js";
import type { SocketIoLink } from "./socket-io.js";

/**
 * How long to wait for `ready` where the namespace is accepted, in milliseconds: over polling it comes a request later
 * than the answer to the CONNECT.
 */
const READY_DELAY = 1_000;

type ReadyEvent = Extract<LinkEvent, { type: "ready" }>;

const NO_SERVER_HALF: ReadyEvent = { type: "ready", reauthenticate: false };

/** The server half of a link, spoken to over the control namespace. @see docs/protocol.md for the messages. */
export class Control {
  readonly #link: SocketIoLink;
  readonly #socket: Socket;
  /** What was said of the server half, by itself or by its silence. */
  #ready: ReadyEvent | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(link: SocketIoLink) {
    this.#link = link;
    const socket = makeSocket(link.manager, CONTROL_NAMESPACE, (send) => link.present(send));
    this.#socket = socket;
    socket.on("connect", () => {
      this.#timer = setTimeout(() => void this.#askForReady(), READY_DELAY);
      // The link keeps the process, or with `autoUnref` nothing does.
      unref(this.#timer);
    });
    socket.on("connect_error", () => this.#decide(NO_SERVER_HALF));
    socket.on("disconnect", () => clearTimeout(this.#timer));
    socket.on("ready", (ready: unknown) => {
      const isKnown = field(ready, "version") === PROTOCOL_VERSION;
      const identity = field(ready, "identity");
      this.#decide(
        isKnown
          ? {
              type: "ready",
              reauthenticate: field(ready, "reauthenticate") === true,
              ...lifetimeIn(ready),
              ...(typeof identity === "string" && { identity }),
            }
          : NO_SERVER_HALF,
      );
    });
    socket.on(REAUTHENTICATE_REQUIRED, (required: unknown) => {
      const within = field(required, "within");
      // As if the token ended then, at any time until that: all clients may be asked at once.
      if (this.#announced && typeof within === "number")
        link.onReady({ ...this.#announced, expiresIn: Math.floor(within * Math.random()) });
    });
    socket.on("goodbye", (data: unknown) => {
      if (this.#announced) link.onGoodbye(this.#refusal(data));
    });
  }

  begin(): void {
    this.#socket.connect();
  }

  /** Whether the server half has announced itself, and is there. */
  get isReady(): boolean {
    return this.#announced !== undefined && this.#socket.connected;
  }

  /** Asks the server to take another token; never rejects. */
  reauthenticate(credential: object): Promise<ReauthenticationAnswer> {
    return new Promise((resolve) => {
      this.#socket.emit("reauthenticate", { auth: credential }, (answer: unknown) => {
        const code = codeOf(answer);
        if (field(answer, "ok") === true) resolve({ ok: true, ...lifetimeIn(answer) });
        // It does not say what became of the token: another way has to be taken.
        else if (code === undefined) {
          const error = new ConnectionError("ERR_REFUSED", UNANSWERED);
          resolve({ ok: false, verdict: "replace", error });
        } else {
          const meaning = meaningOf(code);
          resolve({
            ok: false,
            ...this.#refusal(answer),
            ...(meaning?.needsNewLink && { verdict: "replace" }),
            ...(meaning?.isOtherUser && { isOtherUser: true }),
          });
        }
      });
    });
  }

  /** Resolves when the server has read what was written before, or when the signal aborts. */
  sync(signal?: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      signal?.addEventListener("abort", () => resolve(), { once: true });
      this.#socket.emit("sync", () => resolve());
    });
  }

  close(): void {
    clearTimeout(this.#timer);
    this.#socket.removeAllListeners();
    this.#socket.disconnect();
  }

  /** What the server half has said of itself, where there is one. */
  get #announced(): ReadyEvent | undefined {
    return this.#ready === NO_SERVER_HALF ? undefined : this.#ready;
  }

  #decide(ready: ReadyEvent): void {
    clearTimeout(this.#timer);
    if (this.#ready) return;
    this.#ready = ready;
    this.#link.onReady(ready);
  }

  /** Packets come in order: with an answer to a later question, a `ready` that was sent would be here. */
  async #askForReady(): Promise<void> {
    await this.#link.probe();
    if (this.#ready) return;
    // Some server that accepts every namespace: its application should not wonder about this one.
    this.#decide(NO_SERVER_HALF);
    this.#socket.disconnect();
  }

  #refusal(data: unknown): ReadRefusal {
    const description = field(data, "error_description");
    const message =
      typeof description === "string"
        ? description
        : `The server refused: ${codeOf(data) ?? "it gave no reason"}.`;
    return this.#link.server.refusals.read(message, data);
  }
}

/** How long a token still lives, by the server's word. What is no time is left out in open-link.ts. */
function lifetimeIn(data: unknown): { expiresIn?: number } {
  const expiresIn = field(data, "expiresIn");
  return typeof expiresIn === "number" ? { expiresIn } : {};
}

/**
 * The barrier for a server without a server half, and the proof that it has none: a CONNECT to a namespace that does not
 * exist, without a credential. Packets of a link are read in order: the answer proves that everything written before was
 * read, and that everything sent before is here.
 *
 * @param number - Another one for each question on a link.
 * @returns whether the namespace was accepted: such a server cannot be asked in this way.
 */
export function isAccepted(manager: Manager, number: number, signal?: AbortSignal): Promise<boolean> {
  // Always the same names: a server that accepts every namespace may keep each one that was ever asked for.
  const name = `${BARRIER_PREFIX}${number}`;
  const probe = makeSocket(manager, name, {});
  return new Promise((resolve) => {
    const end = (isIn: boolean): void => {
      signal?.removeEventListener("abort", onAbort);
      probe.removeAllListeners();
      probe.disconnect();
      // A Manager keeps every socket that it ever made.
      Reflect.deleteProperty(Reflect.get(manager, "nsps"), name);
      resolve(isIn);
    };
    const onAbort = (): void => end(false);
    signal?.addEventListener("abort", onAbort);
    probe.on("connect", () => end(true));
    probe.on("connect_error", onAbort);
    probe.on("disconnect", onAbort);
    probe.connect();
  });
}

/** Of what comes for a namespace of our own before it is accepted nothing is kept: nothing is sent there then. */
class KeepsNothing extends Array<never> {
  override push(): number {
    return 0;
  }
}

function makeSocket(manager: Manager, name: string, auth: SocketOptions["auth"] & object): Socket {
  const socket = manager.socket(name, { auth });
  socket.receiveBuffer = new KeepsNothing();
  return socket;
}
