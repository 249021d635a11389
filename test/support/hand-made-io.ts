import type {
  IoAdapter,
  Link,
  LinkEvent,
  LinkRequest,
  LinkSocket,
  LinkSocketListener,
  Message,
  ReauthenticationAnswer,
  Recovery,
} from "socket-rotor";

/** One namespace of a hand-made link; the test plays the server. */
export interface HandMadeSocket extends LinkSocket {
  readonly written: Message[];
  /** What `write` answers, or throws. */
  onWrite: (message: Message) => boolean;
  readonly isListenedTo: boolean;
  hasLeft: boolean;
  isWritable: boolean;
  connect(id?: string): void;
  receive(event: string, ...args: unknown[]): void;
  listener(): LinkSocketListener | undefined;
}

export function handMadeSocket(): HandMadeSocket {
  let listener: LinkSocketListener | undefined;
  let id: string | undefined;
  const written: Message[] = [];
  const early: Array<{ event: string; args: unknown[] }> = [];
  return {
    written,
    onWrite: () => true,
    hasLeft: false,
    isWritable: true,
    isRecovered: false,
    get id() {
      return id;
    },
    get isConnected() {
      return id !== undefined;
    },
    get isListenedTo() {
      return listener !== undefined;
    },
    listen(next) {
      listener = next;
      if (id !== undefined) listener?.onConnect();
      for (const { event, args } of early.splice(0)) listener?.onEvent(event, args);
    },
    write(message) {
      const isWritten = this.onWrite(message);
      if (isWritten) written.push(message);
      return isWritten;
    },
    leave() {
      this.hasLeft = true;
      id = undefined;
    },
    connect(next = "id-1") {
      id = next;
      listener?.onConnect();
    },
    receive(event, ...args) {
      if (listener) listener.onEvent(event, args);
      else early.push({ event, args });
    },
    listener: () => listener,
  };
}

export interface HandMadeLink extends Link {
  readonly request: LinkRequest;
  /** What `request.credential()` said when the link was opened. */
  readonly credential: object | null;
  readonly sockets: ReadonlyMap<string, HandMadeSocket>;
  isClosed: boolean;
  isSettling: boolean;
  /** The re-authentications it was asked for, in order; the test answers them. */
  readonly asked: Array<{
    credential: object;
    headers: Readonly<Record<string, string>> | undefined;
    signal: AbortSignal;
    answer(given: ReauthenticationAnswer): void;
  }>;
  /** The server accepts the primary namespace, and says what it is like: by default, that it has no server half. */
  accept(ready?: Omit<Extract<LinkEvent, { type: "ready" }>, "type">): void;
  report(event: LinkEvent): void;
  /** The server has read everything. */
  finishSettling(): void;
}

export interface HandMadeIo extends IoAdapter {
  readonly links: HandMadeLink[];
  /** The link opened last. */
  readonly link: HandMadeLink;
  /** Settle at once, instead of when the test says so. */
  isSettlingAtOnce: boolean;
}

/** An IO adapter without a network: it records what it is asked, and the test plays the server. */
export function handMadeIo(): HandMadeIo {
  const links: HandMadeLink[] = [];
  return {
    links,
    isSettlingAtOnce: true,
    get link() {
      const last = links.at(-1);
      if (!last) throw new Error("no link was opened");
      return last;
    },
    open(request, report) {
      const sockets = new Map<string, HandMadeSocket>();
      let finish: () => void = () => {};
      const isAtOnce = (): boolean => this.isSettlingAtOnce;
      const socket = (namespace: string): HandMadeSocket => {
        const known = sockets.get(namespace) ?? handMadeSocket();
        sockets.set(namespace, known);
        return known;
      };
      for (const namespace of request.namespaces) socket(namespace);
      const asked: HandMadeLink["asked"] = [];
      const link: HandMadeLink = {
        request,
        credential: request.credential(),
        sockets,
        isClosed: false,
        isSettling: false,
        asked,
        socket,
        report,
        accept(ready = { reauthenticate: false }) {
          socket(request.namespaces[0] ?? "/").connect(`id-${request.link}`);
          report({ type: "connected" });
          report({ type: "ready", ...ready });
        },
        reauthenticate: (credential, signal, headers) =>
          new Promise((resolve) => asked.push({ credential, headers, signal, answer: resolve })),
        settle(signal) {
          this.isSettling = true;
          return new Promise((resolve) => {
            finish = resolve;
            signal.addEventListener("abort", () => resolve());
            if (isAtOnce()) resolve();
          });
        },
        finishSettling: () => finish(),
        recovery: (): Recovery | undefined => undefined,
        close() {
          this.isClosed = true;
        },
      };
      links.push(link);
      return link;
    },
  };
}
