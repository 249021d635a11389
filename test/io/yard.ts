import { memoryStorage } from "socket-rotor";
import type { IoEvent } from "socket-rotor/machines";
import { createLinks } from "../../src/io/links.js";
import { desk } from "../storage/desk.js";
import { type HandMadeIo, handMadeIo } from "./hand-made-io.js";

export const DRAIN_TIMEOUT = 5_000;

interface Given {
  token?: string;
  auth?: (token: string) => object;
  extraHeaders?: (token: string) => Record<string, string>;
  io?: HandMadeIo;
}

/** Links over a hand-made IO adapter, with a token in force. */
export function yard({
  token = "first",
  auth = (token) => ({ token }),
  extraHeaders,
  io = handMadeIo(),
}: Given = {}) {
  const storage = memoryStorage(token);
  const at = desk(storage);
  const { source, vault, expiry, failures, clock } = at;
  source.read();
  /** Everything that was reported, and the same without the moments at which a token was presented. */
  const all: IoEvent[] = [];
  const events: IoEvent[] = [];
  const links = createLinks({
    io,
    namespaces: () => ["/"],
    auth,
    extraHeaders,
    source,
    vault,
    expiry,
    failures,
    clock,
    drainTimeout: DRAIN_TIMEOUT,
  });
  const stop = links.start((event) => {
    all.push(event);
    if (event.type !== "io.presented") events.push(event);
  });
  const open = (link: number, epoch = vault.epoch): void =>
    links.obey({ type: "open", link, epoch, isRecovery: false });
  return { ...at, storage, io, links, all, events, stop, open };
}
