import type { IoAdapter, Link, LinkEvent, LinkRequest } from "socket-rotor";
import type { IoHarness } from "socket-rotor/testing";
import { fakeHarness } from "./fake-harness.js";
import { type FaultyIo, harness, socketWith } from "./faulty-io-harness.js";

const NEVER_AGAIN = "a link that has ended never connects again by itself";
const SILENT = "a link that is closed while it reports or delivers is silent from then on";
const ALL_CLOSED = "after close the server sees the end, and nothing is reported, delivered or acknowledged";

/** A fake server whose links are opened in another way. */
function opening(open: (io: IoAdapter, ...given: Parameters<IoAdapter["open"]>) => Link): IoHarness {
  const sound = fakeHarness();
  const { io } = sound;
  return { ...sound, io: { open: (request, report) => open(io, request, report) } };
}

/** Adapters that do what they should in another order, too late, or once more. */
export const faultyInTime: readonly FaultyIo[] = [
  {
    what: "delivers every other event a little later",
    create: () =>
      harness({
        socket: (socket) =>
          socketWith(socket, {
            listen(next) {
              let isEven = false;
              socket.listen(
                next && {
                  ...next,
                  onConnect: () => next.onConnect(),
                  onEvent(event, args) {
                    isEven = !isEven;
                    if (isEven) setTimeout(() => next.onEvent(event, args), 5);
                    else next.onEvent(event, args);
                  },
                },
              );
            },
          }),
      }),
    breaks: [
      "events arrive in order, with their arguments, in their namespace",
      "what came in before anybody listened is delivered first, in order and once",
      SILENT,
    ],
  },
  {
    what: "delivers what is of one namespace in every other one",
    create: () => {
      const sound = fakeHarness();
      const { server } = sound;
      return {
        ...sound,
        server: {
          get log() {
            return server.log;
          },
          drop: () => server.drop(),
          send(_, ...args) {
            for (const namespace of ["/", "/second"]) server.send(namespace, ...args);
          },
        },
      };
    },
    breaks: ["events arrive in order, with their arguments, in their namespace"],
  },
  {
    what: "connects again by itself",
    create: () =>
      opening((io, request, report) =>
        io.open(request, (event) => {
          report(event);
          if (event.type === "disconnected") setTimeout(() => io.open(request, () => {}), 500);
        }),
      ),
    breaks: [NEVER_AGAIN],
  },
  {
    what: "tries where nobody listens once more",
    create: () => {
      const sound = fakeHarness();
      const { unreachable } = sound;
      return {
        ...sound,
        unreachable: {
          open(request: LinkRequest, report: (event: LinkEvent) => void) {
            setTimeout(() => unreachable.open(request, report), 500);
            return unreachable.open(request, report);
          },
        },
      };
    },
    breaks: [NEVER_AGAIN],
  },
  {
    what: "joins a namespace of the request when its socket is asked for",
    create: () =>
      harness({
        request: (request) => ({ ...request, namespaces: request.namespaces.slice(0, 1) }),
      }),
    breaks: ["every namespace of the request is joined, and no other"],
  },
  {
    what: "leaves the further namespaces open",
    create: () =>
      opening((io, request, report) => {
        const link = io.open(request, report);
        return request.namespaces.length > 1 ? { ...link, close: () => link.socket("/").leave() } : link;
      }),
    breaks: [ALL_CLOSED],
  },
  {
    what: "reports in a later turn, closed or not",
    create: () => harness({ report: (event, report) => void setTimeout(() => report(event), 3) }),
    breaks: [SILENT],
  },
  {
    what: "says ready after it was closed",
    create: () =>
      harness({
        report(event, report) {
          if (event.type !== "ready") report(event);
          if (event.type === "connected") report({ type: "ready", reauthenticate: false });
        },
      }),
    breaks: [SILENT],
  },
];
