// A process of stock clients, which join what the library's clients join.
import { createPrivateKey } from "node:crypto";
import { SignJWT } from "jose";
import { Manager } from "socket.io-client";
import { range } from "../harness/measure.js";
import { number, type Tasks, text } from "../harness/worker.js";
import { ALGORITHM, AUDIENCE, ISSUER, sessionCookieOf, sessionIdOf } from "./checked.js";

const AT_ONCE = 20;
/** Tokens are used again, as signing them is not what is measured. */
const TOKENS = 50;

const tokens: string[] = [];
const managers: Manager[] = [];

const sign = (subject: string, privateKey: string): Promise<string> =>
  new SignJWT()
    .setProtectedHeader({ alg: ALGORITHM })
    .setIssuer(ISSUER)
    .setAudience(AUDIENCE)
    .setSubject(subject)
    .setIssuedAt()
    .setExpirationTime("1 hour")
    .sign(createPrivateKey(privateKey));

/** Joins the root, and the control namespace too, with a token or a cookie. */
async function visit(
  url: string,
  { token, cookie }: { token?: string | undefined; cookie?: string },
  joinsControl: boolean,
): Promise<Manager> {
  const manager = new Manager(url, {
    reconnection: false,
    autoConnect: false,
    transports: ["websocket"],
    ...(cookie !== undefined && { extraHeaders: { cookie } }),
  });
  const auth = token === undefined ? {} : { token };
  const namespaces = joinsControl ? ["/", "/rotor"] : ["/"];
  await Promise.all(
    namespaces.map((namespace) => {
      const socket = manager.socket(namespace, { auth });
      const joined = new Promise<void>((resolve, reject) => {
        socket.once("connect", () => resolve());
        socket.once("connect_error", reject);
      });
      socket.connect();
      return joined;
    }),
  );
  return manager;
}

/** So many visits, several at once. */
async function visitOften(count: number, one: (index: number) => Promise<void>): Promise<void> {
  let index = 0;
  const visitor = async (): Promise<void> => {
    while (index < count) await one(index++);
  };
  await Promise.all(range(AT_ONCE).map(visitor));
}

export const tasks: Tasks = {
  /** Signs the tokens that the others use. */
  async prepare(given) {
    for (const index of range(TOKENS)) tokens.push(await sign(`user-${index}`, text(given, "privateKey")));
    return {};
  },
  /** Joins and leaves so often. */
  async visit(given) {
    const [url, joinsControl] = [text(given, "url"), given["joinsControl"] === true];
    await visitOften(number(given, "count"), async (index) => {
      const credential = given["isSession"]
        ? { cookie: sessionCookieOf(sessionIdOf(0)) }
        : { token: tokens[index % TOKENS] };
      const manager = await visit(url, credential, joinsControl);
      manager._close();
    });
    return {};
  },
  /** Joins so often, and stays, each with a session of its own. By token the first so many are each another user. */
  async stay(given) {
    const [url, joinsControl] = [text(given, "url"), given["joinsControl"] === true];
    await visitOften(number(given, "count"), async (index) => {
      const credential = given["isSession"]
        ? { cookie: sessionCookieOf(sessionIdOf(index)) }
        : { token: tokens[Math.min(index, TOKENS - 1)] };
      managers.push(await visit(url, credential, joinsControl));
    });
    return {};
  },
  /** All of them leave. */
  leave() {
    for (const manager of managers.splice(0)) manager._close();
    return {};
  },
};

export const VISITORS = import.meta.url;
