import type { IoAdapter, Link, LinkEvent, LinkRequest, LinkSocket } from "socket-rotor";
import type { IoHarness } from "socket-rotor/testing";
import { fakeHarness } from "./fake-harness.js";

/** An adapter that breaks the contract in one way, with the rules that it breaks. */
export interface FaultyIo {
  what: string;
  create: () => IoHarness;
  breaks: string[];
}

/** The fake adapter with some of it replaced. */
export function harness(change: {
  request?: (request: LinkRequest) => LinkRequest;
  report?: (event: LinkEvent, report: (event: LinkEvent) => void) => void;
  link?: (link: Link) => Link;
  socket?: (socket: LinkSocket) => LinkSocket;
  unreachable?: IoAdapter;
}): IoHarness {
  const sound = fakeHarness();
  const { request: ofRequest, report: ofReport, link: ofLink, socket: ofSocket } = change;
  const sockets = new WeakMap<LinkSocket, LinkSocket>();
  return {
    ...sound,
    unreachable: change.unreachable ?? sound.unreachable,
    io: {
      open(request, report) {
        const link = sound.io.open(ofRequest?.(request) ?? request, (event) =>
          ofReport ? ofReport(event, report) : report(event),
        );
        const changed: Link = {
          ...link,
          socket(namespace) {
            const socket = link.socket(namespace);
            if (!ofSocket) return socket;
            const known = sockets.get(socket) ?? ofSocket(socket);
            sockets.set(socket, known);
            return known;
          },
        };
        return ofLink?.(changed) ?? changed;
      },
    },
  };
}

/** A socket with some of it replaced; what is left out stays as it is. */
export function socketWith(socket: LinkSocket, change: Partial<LinkSocket>): LinkSocket {
  const made: LinkSocket = Object.create(socket);
  for (const name of ["listen", "write", "leave"] as const) {
    Object.defineProperty(made, name, { value: change[name] ?? socket[name].bind(socket) });
  }
  return made;
}
