import {
  accept,
  answer,
  type ContractServerEntry,
  type FakeLink,
  type FakeLogEntry,
  fakeIo,
  type IoHarness,
  REFUSED_TOKEN,
  refuse,
  unreachable,
} from "socket-rotor/testing";

const isRefused = (auth: object | undefined): boolean =>
  auth !== undefined && Reflect.get(auth, "token") === REFUSED_TOKEN;

/** The namespaces in which a link has a socket. */
function joinedBy(link: number, log: readonly FakeLogEntry[]): string[] {
  const joined = new Set<string>();
  let primary = "/";
  for (const entry of log) {
    if (entry.link !== link) continue;
    if (entry.type === "handshake") primary = entry.namespace;
    if (entry.type === "connected") joined.add(primary);
    if (entry.type === "joined") joined.add(entry.namespace);
    if (entry.type === "left") joined.delete(entry.namespace);
  }
  return [...joined];
}

/** The fake server's log in the words of the contract's. */
function translate(entry: FakeLogEntry, index: number, log: readonly FakeLogEntry[]): ContractServerEntry[] {
  switch (entry.type) {
    case "handshake":
    case "joined":
      return [{ type: "handshake", namespace: entry.namespace, token: Reflect.get(entry.auth, "token") }];
    case "message":
      return [{ type: "message", namespace: entry.namespace, event: entry.event, args: entry.args }];
    case "left":
      return [{ type: "disconnected", namespace: entry.namespace }];
    case "closed":
      return joinedBy(entry.link, log.slice(0, index)).map((namespace) => ({
        type: "disconnected",
        namespace,
      }));
    default:
      return [];
  }
}

/** `fakeIo()`, whose server offers re-authentication. */
export function fakeHarness(): IoHarness {
  const io = fakeIo((link: FakeLink) =>
    (isRefused(link.auth) ? refuse("refresh") : accept({ reauthenticate: true }))(link),
  );
  io.behaveOnReauthentication((link) =>
    answer(isRefused(link.auth) ? { ok: false, verdict: "refresh" } : { ok: true })(link),
  );
  return {
    io,
    unreachable: fakeIo(unreachable()),
    server: {
      get log() {
        return io.log.flatMap(translate);
      },
      send(namespace, event, ...args) {
        for (const link of io.links) link.sendIn(namespace, event, ...args);
      },
      drop() {
        for (const link of io.links) link.drop();
      },
    },
  };
}
