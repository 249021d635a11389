// Code as somebody has written it for socket.io-client. It is compiled as it stands, and once more with RotorSocket in
// the place of Socket (drop-in.test.ts). Nothing of it is ever run.
import type { Socket } from "socket.io-client";

interface Message {
  from: string;
  text: string;
}

/** What an application has for which nobody has written a type. */
type Anything = ReturnType<typeof JSON.parse>;

interface ServerToClient {
  message: (message: Message) => void;
  typing: () => void;
  ask: (question: string, reply: (answer: string, isSure: boolean) => void) => void;
  bytes: (chunk: ArrayBuffer, index: number) => void;
}

interface ClientToServer {
  hello: () => void;
  say: (text: string, to?: string) => void;
  save: (draft: Message, done: (id: number) => void) => void;
  list: (done: (items: Message[], total: number) => void) => void;
  maybe: (text: string, done?: (isKept: boolean) => void) => void;
  upload: (chunk: Uint8Array) => void;
  look: (key: string, done: (found: Anything) => void) => void;
}

export function listen(socket: Socket<ServerToClient, ClientToServer>): void {
  socket.on("message", ({ from, text }) => `${from.toUpperCase()} ${text.length}`);
  socket.once("typing", () => {});
  socket.on("ask", (question, reply) => reply(question.trim(), true));
  socket.on("bytes", (chunk, index) => chunk.byteLength + index);
  socket.on("ask", async (question) => {
    await Promise.resolve(question);
  });
  const onMessage = (message: Message): void => void message.text;
  socket.on("message", onMessage).off("message", onMessage).off("message").off();
  socket.removeListener("message", onMessage).removeAllListeners("message").removeAllListeners();
  const listeners: ((message: Message) => void)[] = socket.listeners("message");
  const isHeard: boolean = socket.hasListeners("typing") && listeners.length > 0;
  void isHeard;
  // @ts-expect-error there is no such event
  socket.on("massage", () => {});
  // @ts-expect-error the message is no string
  socket.on("message", (message: string) => message);
}

export function follow(socket: Socket<ServerToClient, ClientToServer>): void {
  socket.on("connect", () => socket.id?.slice());
  socket.on("connect_error", (error) => {
    const message: string = error.message;
    if (message === "not authorized" && error.data.retryAfter > 0) socket.connect();
  });
  const onConnectError = (error: Error & { data?: { code: string } }): void => void error.data?.code;
  socket.on("connect_error", onConnectError).off("connect_error", onConnectError);
  socket.on("disconnect", (reason, description) => {
    if (reason === "io server disconnect") socket.connect();
    if (description instanceof Error) description.message.trim();
    else description?.description.trim();
  });
  const onDisconnect = (reason: Socket.DisconnectReason): void => void reason.length;
  socket.on("disconnect", onDisconnect).off("disconnect", onDisconnect);
  socket.once("disconnect", async () => {});
  // @ts-expect-error the reason is no number
  socket.on("disconnect", (reason: number) => reason);
}

export function hearAll(socket: Socket<ServerToClient, ClientToServer>): void {
  socket.onAny((event, ...args) => `${event} ${args[0]?.id}`);
  socket.onAny((event: string, value: number, done: () => void) => event.length + value + done.length);
  const listener = (...args: unknown[]): void => void args;
  socket.onAny(listener).prependAny(listener).offAny(listener).offAny();
  socket.onAnyOutgoing(listener).prependAnyOutgoing(listener).offAnyOutgoing(listener).offAnyOutgoing();
  const all = [...socket.listenersAny(), ...socket.listenersAnyOutgoing()];
  for (const each of all) each("event", 1, 2);
  for (const each of socket.listenersAny()) socket.offAny(each);
  // @ts-expect-error a listener is a function
  socket.onAny("listener");
}

export async function emit(socket: Socket<ServerToClient, ClientToServer>): Promise<void> {
  const draft: Message = { from: "me", text: "hello" };
  socket.emit("hello").emit("say", "text").emit("say", "text", "you");
  socket.emit("save", draft, (id) => id.toFixed());
  socket.emit("upload", new Uint8Array(1));
  const id: number = await socket.emitWithAck("save", draft);
  const items: Message[] = await socket.emitWithAck("list");
  const isKept: boolean = await socket.emitWithAck("maybe", "text");
  const found = await socket.emitWithAck("look", "key");
  const name: string = found.owner.name;
  void [id, items, isKept, name];
  socket.timeout(5_000).emit("save", draft, (error, saved) => {
    if (error) error.message.trim();
    else saved.toFixed();
  });
  socket.timeout(5_000).emit("save", draft, (error: Error, saved: number) => `${error} ${saved}`);
  socket.timeout(5_000).emit("list", (_error, list, total) => list.length + total);
  await socket.timeout(5_000).emitWithAck("save", draft);
  socket.volatile.emit("say", "text");
  socket.volatile
    .compress(false)
    .timeout(1_000)
    .volatile.emit("save", draft, () => {});
  socket.compress(true).emit("hello");
  socket.send("anything", 1, { two: 2 }, () => {}).send();
  // @ts-expect-error the text is missing
  socket.emit("say");
  // @ts-expect-error there is no such event
  socket.emit("shout", "text");
  // @ts-expect-error the draft is no string
  await socket.emitWithAck("save", "draft");
}

export function state(socket: Socket<ServerToClient, ClientToServer>): void {
  const words: boolean[] = [socket.connected, socket.disconnected, socket.active, socket.recovered];
  const id: string | undefined = socket.id;
  socket.auth = { token: "mine" };
  socket.connect().disconnect().open().close();
  void [words, id];
}

/** Without event maps everything goes. */
export async function untyped(socket: Socket): Promise<void> {
  socket.on("anything", (first, second) => first.deep.inside + second);
  socket.on("anything", (first: string) => first.length);
  socket.emit("anything", 1, { two: 2 }, (answer: { id: number }) => answer.id);
  socket
    .timeout(5_000)
    .emit("anything", 1, (error: Error, answer: { id: number }) => `${error} ${answer.id}`);
  const { status } = await socket.emitWithAck("anything", 1, 2, 3);
  const limited: unknown = await socket.timeout(5_000).emitWithAck("anything");
  void [status.code, limited];
}

/** Code that only passes it on. */
export class Room<Listen extends { message: (message: Message) => void }> {
  readonly #socket: Socket<Listen, ClientToServer>;
  constructor(socket: Socket<Listen, ClientToServer>) {
    this.#socket = socket;
  }
  leave(): void {
    this.#socket.emit("say", "bye").disconnect();
  }
}
