import { ConnectionError, type Link } from "socket-rotor";
import { faultyInTime } from "./faulty-in-time.js";
import { type FaultyIo, harness, socketWith } from "./faulty-io-harness.js";

/** Adapters that break the contract, each in one way, with the rules that they break. */
export const faultyIos: readonly FaultyIo[] = [
  ...faultyInTime,
  {
    what: "throws where nobody can be reached",
    create: () =>
      harness({
        unreachable: {
          open() {
            throw new Error("ECONNREFUSED");
          },
        },
      }),
    breaks: [
      "a link that has ended never connects again by itself",
      "a server that cannot be reached is reported as failed, and open does not throw",
    ],
  },
  {
    what: "reports in plain errors",
    create: () =>
      harness({
        report: (event, report) =>
          report(
            "error" in event
              ? { ...event, error: Object.assign(new Error("x"), { code: "x" }) as never }
              : event,
          ),
      }),
    breaks: [
      "a refusal is reported as refused, once, without the credential",
      "a connection that is lost is reported as disconnected, once, and its sockets are not connected",
    ],
  },
  {
    what: "repeats the credential in its error",
    create: () => {
      let last = "";
      return harness({
        request: (request) => ({
          ...request,
          credential() {
            const credential = request.credential();
            last = JSON.stringify(credential);
            return credential;
          },
        }),
        report: (event, report) =>
          report(
            event.type === "refused"
              ? { ...event, error: new ConnectionError("ERR_REFUSED", `The server refused ${last}.`) }
              : event,
          ),
      });
    },
    breaks: ["a refusal is reported as refused, once, without the credential"],
  },
  {
    what: "says ready twice",
    create: () =>
      harness({
        report(event, report) {
          report(event);
          if (event.type === "ready") queueMicrotask(() => report(event));
        },
      }),
    breaks: ["connected is reported, then ready, each once"],
  },
  {
    what: "keeps the first credential",
    create: () =>
      harness({
        request(request) {
          let kept: object | null | undefined;
          return {
            ...request,
            credential() {
              kept ??= request.credential();
              return kept;
            },
          };
        },
      }),
    breaks: [
      "each CONNECT carries a credential of its own, asked for when it is sent",
      "a credential of null sends nothing",
      "leaving ends that namespace only, and it may be joined again",
    ],
  },
  {
    what: "sends something where the credential is null",
    create: () =>
      harness({
        request: (request) => ({ ...request, credential: () => request.credential() ?? { token: null } }),
      }),
    breaks: ["a credential of null sends nothing"],
  },
  {
    what: "loses what came in early",
    create: () =>
      harness({
        socket: (socket) => {
          socket.listen({ onConnect() {}, onEvent() {}, onDisconnect() {}, onRefused() {} });
          return socket;
        },
      }),
    breaks: ["what came in before anybody listened is delivered first, in order and once"],
  },
  {
    what: "goes on delivering to a listener that was taken away",
    create: () =>
      harness({ socket: (socket) => socketWith(socket, { listen: (next) => next && socket.listen(next) }) }),
    breaks: ["a listener that was taken away hears nothing"],
  },
  {
    what: "says that all was written",
    create: () =>
      harness({
        socket: (socket) =>
          socketWith(socket, {
            write(message) {
              socket.write(message);
              return true;
            },
          }),
      }),
    breaks: ["what write answers true to arrives once, and what it answers false to never does"],
  },
  {
    what: "writes twice, to be sure",
    create: () =>
      harness({
        socket: (socket) =>
          socketWith(socket, {
            write(message) {
              socket.write({ event: message.event, args: message.args });
              return socket.write(message);
            },
          }),
      }),
    breaks: [
      "messages arrive in order, with their arguments, in their namespace",
      "settle resolves when the server has read what was written",
      "what write answers true to arrives once, and what it answers false to never does",
    ],
  },
  {
    what: "acknowledges by itself",
    create: () =>
      harness({
        socket: (socket) =>
          socketWith(socket, {
            write(message) {
              message.onAck?.("written");
              return socket.write(message);
            },
          }),
      }),
    breaks: [
      "an acknowledgement is called with what the server answers, once",
      "after close the server sees the end, and nothing is reported, delivered or acknowledged",
    ],
  },
  {
    what: "never settles on a link that is gone",
    create: () =>
      harness({
        link(link) {
          let isClosed = false;
          return {
            ...link,
            settle: (signal) => (isClosed ? new Promise(() => {}) : link.settle(signal)),
            close() {
              isClosed = true;
              link.close();
            },
          };
        },
      }),
    breaks: ["settle resolves when its signal aborts, on a link that is lost or closed too"],
  },
  {
    what: "rejects when settling is aborted",
    create: () =>
      harness({
        link: (link) => ({
          ...link,
          async settle(signal) {
            await link.settle(signal);
            signal.throwIfAborted();
          },
        }),
      }),
    breaks: ["settle resolves when its signal aborts, on a link that is lost or closed too"],
  },
  {
    what: "joins what was left before it was joined",
    create: () =>
      harness({
        socket: (socket) =>
          socketWith(socket, {
            leave() {
              if (socket.isConnected) socket.leave();
            },
          }),
      }),
    breaks: ["a namespace that is left while the link opens is not joined, and may be joined later"],
  },
  {
    what: "leaves the connection open",
    create: () => harness({ link: (link) => ({ ...link, close() {} }) }),
    breaks: [
      "a link that is closed while it reports or delivers is silent from then on",
      "a link that is closed while it asks for a credential sends nothing",
      "a link that is closed before it connects sends nothing",
      "after close the server sees the end, and nothing is reported, delivered or acknowledged",
    ],
  },
  {
    what: "rejects when it cannot re-authenticate",
    create: () =>
      harness({
        link: (link) => ({
          ...link,
          async reauthenticate(credential, signal) {
            const answer = await link.reauthenticate(credential, signal);
            if (!answer.ok) throw answer.error;
            return answer;
          },
        }),
      }),
    breaks: ["a token that the server refuses on the same link is an answer, not a rejection"],
  },
  {
    what: "throws when a closed link is asked to re-authenticate",
    create: () =>
      harness({
        link(link) {
          let isClosed = false;
          return {
            ...link,
            async reauthenticate(credential, signal) {
              if (isClosed) throw new Error("closed");
              return link.reauthenticate(credential, signal);
            },
            close() {
              isClosed = true;
              link.close();
            },
          };
        },
      }),
    breaks: ["reauthenticate never rejects, not when its signal aborts, and not on a closed link"],
  },
  {
    what: "lacks a method",
    create: () =>
      harness({
        link(link) {
          const rest: Partial<Link> = { ...link };
          delete rest.recovery;
          return rest as Link;
        },
      }),
    breaks: [
      "open answers with a link that has every method",
      "what an earlier link has left can be offered to the next one",
    ],
  },
  {
    what: "connects a further namespace within the call",
    create: () =>
      harness({
        socket: (socket) =>
          socketWith(socket, {
            listen(next) {
              socket.listen(next);
              if (!socket.isConnected) next?.onConnect();
            },
          }),
      }),
    breaks: ["a namespace that is joined later connects later, once"],
  },
  {
    what: "has one link at a time",
    create: () => {
      let last: Link | undefined;
      return harness({
        link(link) {
          last?.close();
          last = link;
          return link;
        },
      });
    },
    breaks: ["two links are open at once, and one is closed without the other"],
  },
  {
    what: "joins a namespace that was not asked for",
    create: () =>
      harness({ request: (request) => ({ ...request, namespaces: [...request.namespaces, "/"] }) }),
    breaks: ["every namespace of the request is joined, and no other"],
  },
  {
    what: "tells a late listener nothing",
    create: () =>
      harness({
        socket: (socket) =>
          socketWith(socket, {
            listen(next) {
              const isLate = socket.isConnected;
              socket.listen(next && { ...next, onConnect: () => isLate || next.onConnect() });
            },
          }),
      }),
    breaks: ["a listener is told at once that its namespace is connected"],
  },
  {
    what: "makes a socket for each question",
    create: () =>
      harness({
        link: (link) => ({ ...link, socket: (namespace) => Object.create(link.socket(namespace)) }),
      }),
    breaks: ["a socket that is asked for again is the same one, joined once"],
  },
  {
    what: "hands on no way to acknowledge",
    create: () =>
      harness({
        socket: (socket) =>
          socketWith(socket, {
            listen: (next) =>
              socket.listen(
                next && {
                  ...next,
                  onEvent: (event, args) =>
                    next.onEvent(
                      event,
                      args.filter((arg) => typeof arg !== "function"),
                    ),
                },
              ),
          }),
      }),
    breaks: ["a function as the last argument of an event acknowledges"],
  },
  {
    what: "offers what it cannot do",
    create: () =>
      harness({
        link: (link) => ({
          ...link,
          reauthenticate: async () => ({
            ok: false,
            verdict: "replace",
            error: new ConnectionError("ERR_REFUSED", "It cannot."),
          }),
        }),
      }),
    breaks: ["the server takes another token on the same link, where ready offers it"],
  },
];
