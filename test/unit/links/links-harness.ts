import { memoryStorage } from "socket-rotor";
import type { IoEvent } from "socket-rotor/machines";
import type { Policy } from "../../../src/links/links.js";
import { createLinks, type Links } from "../../../src/links/links.js";
import { createLog } from "../../../src/logger.js";
import { Gate } from "../../../src/sockets/gate.js";
import { createTurn } from "../../../src/turn.js";
import { type HandMadeIo, handMadeIo } from "../../support/hand-made-io.js";
import { recordingLogger } from "../../support/recording-logger.js";
import { type SourceHarness, sourceHarness } from "../credential/source-harness.js";

/** In milliseconds, as that which is given to each of the links here. */
export const TIMES = { timeout: 20_000, drainTimeout: 5_000, reauthenticateTimeout: 3_000 };

interface Given {
  token?: string;
  auth?: (token: string) => object;
  extraHeaders?: (token: string) => Record<string, string>;
  io?: HandMadeIo;
  policy?: Policy;
}

/** A verdict is what the server has said. */
export const asSaid: Policy = (_, verdict) => verdict;

/** The gate between a credential and its links. */
export function gateOf({ source, tokenStore }: SourceHarness, links: () => Links): Gate {
  return new Gate({ source, tokenStore, owners: tokenStore.owners, link: (number) => links().owner(number) });
}

/** Links over a hand-made IO adapter, with a current token. */
export function linksHarness({
  token = "first",
  auth = (token) => ({ token }),
  extraHeaders,
  io = handMadeIo(),
  policy = asSaid,
}: Given = {}) {
  const storage = memoryStorage(token);
  const at = sourceHarness(storage);
  const { source, tokenStore } = at;
  const logger = recordingLogger();
  source.read();
  const events: IoEvent[] = [];
  const gate = gateOf(at, () => links);
  const links: Links = createLinks({
    ...at,
    io,
    gate,
    namespaces: () => ["/"],
    auth,
    extraHeaders,
    isCookie: false,
    onTransport: () => {},
    turn: createTurn(),
    log: createLog(logger),
    policy,
    ...TIMES,
  });
  const stop = links.start((event) => void events.push(event));
  const open = (link: number, version = tokenStore.version): void =>
    links.handle({ type: "open", link, version });
  /** Whether a link is certainly of the user who is signed in. */
  const isOfUser = (link: number): boolean => gate.mayDeliver(link);
  return { ...at, storage, io, links, gate, events, warned: logger.lines, stop, open, isOfUser };
}
