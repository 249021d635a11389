import type { ConnectionError } from "../errors.js";
import type { LinkSocket, LinkSocketListener, Message } from "../links/io-adapter.js";

/** One namespace of a fake link, and how its server tells it things. */
export interface FakeSocket extends LinkSocket {
  /** Whether the client has not left it. */
  readonly isWanted: boolean;
  /** Whether there are messages whose acknowledgement the test holds back. */
  readonly isHoldingBack: boolean;
  want(): void;
  open(): void;
  deliver(event: string, args: readonly unknown[]): void;
  /** Acknowledges what is held back: with these values, or as the server would. */
  acknowledge(values: readonly unknown[]): void;
  refuse(error: ConnectionError, isFinal: boolean): void;
  shut(): void;
}

interface Parts {
  id: string;
  onMessage(message: Message): void;
  onLeave(): void;
  isUnanswered(event: string): boolean;
  /** What the server acknowledges a message with. */
  answerTo(message: Message): readonly unknown[];
}

export function createFakeSocket({ id, onMessage, onLeave, isUnanswered, answerTo }: Parts): FakeSocket {
  let listener: LinkSocketListener | undefined;
  let isConnected = false;
  let isWanted = true;
  /** Acknowledgements that the test holds back. */
  const due: Message[] = [];
  /** What came in before anybody listened. */
  let early: Array<{ event: string; args: unknown[] }> = [];

  const acknowledge = (message: Message, values: readonly unknown[]): void => {
    if (isConnected) message.onAck?.(...(values.length > 0 ? values : answerTo(message)));
  };

  const close = (): void => {
    isConnected = false;
    early = [];
  };
  return {
    get id() {
      return isConnected ? id : undefined;
    },
    get isConnected() {
      return isConnected;
    },
    get isWritable() {
      return isConnected;
    },
    get isWanted() {
      return isWanted;
    },
    get isHoldingBack() {
      return due.length > 0;
    },
    isRecovered: false,
    listen(next) {
      listener = next;
      if (!next) return;
      if (isConnected) listener?.onConnect();
      for (const { event, args } of early.splice(0)) listener?.onEvent(event, args);
    },
    write(message) {
      if (!isConnected) return false;
      onMessage(message);
      if (isUnanswered(message.event)) due.push(message);
      // Once the writer has let go.
      else queueMicrotask(() => acknowledge(message, []));
      return true;
    },
    want() {
      isWanted = true;
    },
    leave() {
      isWanted = false;
      if (!isConnected) return;
      close();
      onLeave();
    },
    open() {
      if (isConnected) return;
      isConnected = true;
      listener?.onConnect();
    },
    acknowledge(values) {
      for (const message of due.splice(0)) acknowledge(message, values);
    },
    refuse: (error, isFinal) => listener?.onRefused(error, isFinal),
    deliver(event, given) {
      if (!isConnected) return;
      const args = [...given];
      const last = args.at(-1);
      if (typeof last === "function") {
        // An acknowledgement that the application keeps does nothing once the link is gone.
        args[args.length - 1] = (...values: unknown[]) => {
          if (isConnected) last(...values);
        };
      }
      if (listener) listener.onEvent(event, args);
      else early.push({ event, args });
    },
    shut() {
      close();
      isWanted = false;
      listener = undefined;
    },
  };
}
