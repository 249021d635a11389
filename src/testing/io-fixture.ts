import type {
  IoAdapter,
  Link,
  LinkEvent,
  LinkSocket,
  LinkSocketListener,
  Recovery,
} from "../links/io-adapter.js";
import { expect, until } from "./contract.js";
import type { ContractServer, ContractServerEntry } from "./contract-server.js";

/** How long anything may take, in milliseconds. */
export const PATIENCE = 4_000;

/** A link that a rule has opened, with what it has reported and asked. */
export interface OpenedLink {
  readonly link: Link;
  readonly events: readonly LinkEvent[];
  /** The tokens that it was given to present, in order; each is given once. */
  readonly asked: readonly string[];
  types(): string[];
  /** The types of the events by which a link ends. */
  ends(): string[];
  /** Whether something was reported before there was a link that could have been closed. */
  readonly hasReportedEarly: boolean;
}

interface OpenOptions {
  io?: IoAdapter;
  namespaces?: readonly string[];
  recovery?: Recovery | undefined;
  /** Instead of a token of its own for each question. */
  token?: () => string | null;
  /** Called within each report; without a link while open() has not returned. */
  onReport?: (event: LinkEvent, link: Link | undefined) => void;
}

/** Opens links on an adapter and sends messages on them; one for each rule. */
export interface IoFixture {
  open(options?: OpenOptions): OpenedLink;
  /** Opens a link and waits until it is connected and ready. */
  connect(options?: OpenOptions): Promise<OpenedLink>;
  /** Sends a message and waits for its acknowledgement, before which the server has sent and read all else. */
  echo(opened: OpenedLink, namespace?: string): Promise<void>;
  /** A link of its own, connected, used and closed: whatever another one was about to do, it has done. */
  waitAWhile(): Promise<void>;
  handshakes(namespace?: string): string[];
  /** How often the server was sent a message. */
  count(event: string, namespace?: string): number;
  untilSeen(type: ContractServerEntry["type"], namespace: string, orElse: string): Promise<void>;
  close(): void;
}

export function createIoFixture(adapter: IoAdapter, server: ContractServer): IoFixture {
  const links: Link[] = [];
  let number = 0;
  let echoes = 0;
  const fixture: IoFixture = {
    open({ io = adapter, namespaces = ["/"], recovery, token, onReport } = {}) {
      number += 1;
      const mine = number;
      const events: LinkEvent[] = [];
      const asked: string[] = [];
      let opened: Link | undefined;
      let hasReportedEarly = false;
      const link = io.open(
        {
          link: mine,
          namespaces,
          ...(recovery && { recovery }),
          credential() {
            const given = token ? token() : `token ${asked.length + 1} of link ${mine}`;
            if (given !== null) asked.push(given);
            return given === null ? null : { token: given };
          },
        },
        (event) => {
          hasReportedEarly ||= opened === undefined;
          events.push(event);
          onReport?.(event, opened);
        },
      );
      opened = link;
      links.push(link);
      const types = (): string[] => events.map(({ type }) => type);
      const ends = (): string[] => types().filter((type) => type !== "connected" && type !== "ready");
      return {
        link,
        events,
        asked,
        types,
        ends,
        get hasReportedEarly() {
          return hasReportedEarly;
        },
      };
    },
    async connect(options) {
      const opened = fixture.open(options);
      const isReady = (): boolean => opened.types().includes("ready");
      await until(isReady, PATIENCE, () => {
        const reported = opened.types().join(", ") || "nothing";
        return `The server accepts the link, but within ${PATIENCE} ms it reported ${reported}. Report "connected" when the server has accepted the first namespace, and then "ready" once, with reauthenticate: false where the server says nothing of itself.`;
      });
      return opened;
    },
    async echo({ link }, namespace = "/") {
      const socket = link.socket(namespace);
      await until(
        () => socket.isConnected,
        PATIENCE,
        () => NOT_CONNECTED,
      );
      echoes += 1;
      let answers = 0;
      const onAck = (): void => {
        answers += 1;
      };
      expect(
        socket.write({ event: "echo", args: [echoes], onAck }),
        "write() answered false on a socket that is connected. Write the message, and answer true.",
      );
      await until(
        () => answers > 0,
        PATIENCE,
        () => NOT_ACKNOWLEDGED,
      );
    },
    async waitAWhile() {
      const other = await fixture.connect();
      await fixture.echo(other);
      other.link.close();
    },
    handshakes: (namespace) =>
      server.log.flatMap((entry) =>
        entry.type === "handshake" && (namespace === undefined || entry.namespace === namespace)
          ? [String(entry.token)]
          : [],
      ),
    count: (event, namespace = "/") =>
      server.log.filter(
        (entry) => entry.type === "message" && entry.namespace === namespace && entry.event === event,
      ).length,
    untilSeen: (type, namespace, orElse) =>
      until(
        () => server.log.some((entry) => entry.type === type && entry.namespace === namespace),
        PATIENCE,
        () => orElse,
      ),
    close() {
      for (const link of links) link.close();
    },
  };
  return fixture;
}

const NOT_CONNECTED =
  "A socket of a connected link is not connected, though the server accepts its namespace. Join it, ask request.credential() for what to present, and let isConnected be true from then on.";
const NOT_ACKNOWLEDGED =
  "A message was not acknowledged, though the server does so. Call its onAck with what the server answers.";

/** A listener that keeps what it hears. */
export interface Ear extends LinkSocketListener {
  connects: number;
  readonly heard: string[];
  readonly args: unknown[][];
}

export function listenTo(socket: LinkSocket): Ear {
  const ear: Ear = {
    connects: 0,
    heard: [],
    args: [],
    onConnect() {
      ear.connects += 1;
    },
    onEvent(event, args) {
      ear.heard.push(event);
      ear.args.push(args);
    },
    onDisconnect: () => {},
    onRefused: () => {},
  };
  socket.listen(ear);
  return ear;
}
