import { once } from "node:events";
import { connect, createServer, type Socket } from "node:net";

/** The longest one-way delay that a network takes, in milliseconds. */
export const MAX_DELAY = 5_000;

/** How a network is now. */
export interface Conditions {
  /** Milliseconds that everything takes from the client to the server. */
  up: number;
  /** Milliseconds that everything takes from the server to the client. */
  down: number;
  /** Whether nothing comes through, in either direction, and nobody is told. */
  isCut: boolean;
}

/** What lies between one client and the server: a TCP proxy on a port of its own. */
export interface Network {
  readonly port: number;
  readonly conditions: Readonly<Conditions>;
  /** What has been sent before and is under way still arrives first. */
  set(conditions: Partial<Conditions>): void;
  /** Breaks every connection, with a TCP reset on both sides. */
  reset(): void;
  close(): Promise<void>;
}

/**
 * Opens a network to a port of this computer. While it is cut, what is sent waits, as TCP keeps it and sends it again:
 * it arrives when the network is healed, unless somebody has given up by then.
 */
export async function openNetwork(target: number, host: string): Promise<Network> {
  const conditions: Conditions = { up: 0, down: 0, isCut: false };
  const lanes = new Set<Lane>();
  const sockets = new Set<Socket>();

  const carry = (from: Socket, to: Socket, way: "up" | "down") => {
    const lane = openLane(conditions, way);
    lanes.add(lane);
    sockets.add(from);
    from.setNoDelay(true);
    from.on("data", (data) => lane.add(() => to.write(data)));
    from.on("end", () => lane.add(() => to.end()));
    // What broke is broken on both sides; "close" follows, and says so to the other one.
    from.on("error", () => to.destroy());
    from.on("close", () => {
      sockets.delete(from);
      lane.add(() => {
        to.destroy();
        lanes.delete(lane);
      });
    });
  };
  const listener = createServer({ allowHalfOpen: true }, (client) => {
    const server = connect({ port: target, host: "127.0.0.1", allowHalfOpen: true });
    carry(client, server, "up");
    carry(server, client, "down");
  });
  listener.listen(0, host);
  await once(listener, "listening");
  const address = listener.address();
  if (typeof address !== "object" || address === null) throw new Error("A network has no port.");

  const breakAll = () => {
    for (const socket of sockets) socket.resetAndDestroy();
    for (const lane of lanes) lane.close();
    lanes.clear();
  };
  return {
    port: address.port,
    conditions,
    set(changed) {
      Object.assign(conditions, changed);
      for (const lane of lanes) lane.run();
    },
    reset: breakAll,
    async close() {
      const closed = once(listener, "close");
      listener.close();
      breakAll();
      await closed;
    },
  };
}

/** One direction of one connection: everything that happens on it happens in order, and late. */
interface Lane {
  add(act: () => void): void;
  /** Does what is due. */
  run(): void;
  close(): void;
}

function openLane(conditions: Conditions, way: "up" | "down"): Lane {
  const queue: { due: number; act: () => void }[] = [];
  let timer: NodeJS.Timeout | undefined;
  let isOpen = true;

  const run = () => {
    clearTimeout(timer);
    for (let next = queue[0]; next !== undefined && !conditions.isCut; next = queue[0]) {
      const wait = next.due - performance.now();
      if (wait > 0) {
        timer = setTimeout(run, wait);
        return;
      }
      queue.shift();
      next.act();
    }
  };
  return {
    add(act) {
      if (!isOpen) return;
      queue.push({ due: performance.now() + conditions[way], act });
      run();
    },
    run,
    close() {
      isOpen = false;
      clearTimeout(timer);
      queue.length = 0;
    },
  };
}
