import { createHmac } from "node:crypto";
import { describe, expect, test } from "vitest";
import { serverSockets } from "../../../support/real-server.js";
import { collectUncaught } from "../../../support/uncaught.js";
import { startSessions } from "../sessions/fixture.js";

const NAME = "connect.sid";

const signed = (id: string, secret: string): string => {
  const signature = createHmac("sha256", secret).update(id).digest("base64").replace(/=+$/, "");
  return encodeURIComponent(`s:${id}.${signature}`);
};

/** What is sent as the header, made of the good value and the id of the session of alice. */
const TRICKS: readonly (readonly [name: string, cookie: (good: string, id: string) => string])[] = [
  ["no value", () => `${NAME}=`],
  ["no equals sign", (good) => `${NAME}${good}`],
  ["the id without a signature", (_, id) => `${NAME}=${id}`],
  ["the id with the mark and no signature", (_, id) => `${NAME}=s%3A${id}`],
  ["the id with an empty signature", (_, id) => `${NAME}=s%3A${id}.`],
  ["the signature of another secret", (_, id) => `${NAME}=${signed(id, "another secret")}`],
  ["the signature of an empty secret", (_, id) => `${NAME}=${signed(id, " ")}`],
  ["the signature of another session", (good) => `${NAME}=s%3Aanother${good.slice(good.indexOf("."))}`],
  ["half a signature", (good) => `${NAME}=${good.slice(0, -10)}`],
  ["a longer signature", (good) => `${NAME}=${good}A`],
  ["a longer id", (good, id) => `${NAME}=${good.replace(id, `${id}A`)}`],
  ["another letter case", (good) => `${NAME}=${good.toUpperCase()}`],
  ["a name in capitals", (good) => `${NAME.toUpperCase()}=${good}`],
  ["a longer name", (good) => `x${NAME}=${good}`],
  ["a host prefix that is not its name", (good) => `__Host-${NAME}=${good}`],
  ["itself in the value of another cookie", (good) => `other=${NAME}=${good}`],
  ["itself in quotes of another cookie", (good) => `other="x${NAME}=${good}"`],
  ["JSON", () => `${NAME}=j%3A%7B%22user%22%3A%22alice%22%7D`],
  ["signed JSON", () => `${NAME}=s%3Aj%3A%7B%7D.x`],
  ["a prototype for a name", (good) => `__proto__=${good}`],
  ["a prototype for an id", () => `${NAME}=${signed("__proto__", "keyboard cat")}`],
  ["a method for an id", () => `${NAME}=${signed("constructor", "keyboard cat")}`],
  ["an empty id, well signed", () => `${NAME}=${signed("", "keyboard cat")}`],
  ["a path for an id, well signed", () => `${NAME}=${signed("../../etc/passwd", "keyboard cat")}`],
  ["broken percent signs", () => `${NAME}=%E0%A4%A`],
  ["a null byte", (good) => `${NAME}=${good}%00`],
  ["a comma", (good) => `x=1, ${NAME}=${good}`],
  ["encoded twice", (good) => `${NAME}=${encodeURIComponent(good)}`],
  ["of eight kilobytes", () => `${NAME}=s%3A${"x".repeat(8_000)}.x`],
  ["of a thousand names", () => Array.from({ length: 1_000 }, (_, index) => `c${index}=1`).join("; ")],
];

/** What may be read as the cookie itself: then it is that of HTTP, or nothing. */
const FORMS: readonly (readonly [name: string, cookie: (good: string) => string])[] = [
  ["in quotes", (good) => `${NAME}="${good}"`],
  ["with spaces around it", (good) => `  ${NAME} =  ${good}  `],
  ["with a semicolon before it", (good) => `; ;${NAME}=${good}`],
  ["without its encoding", (good) => `${NAME}=${decodeURIComponent(good)}`],
  ["with a dollar version", (good) => `$Version=1; ${NAME}=${good}; $Path=/`],
  ["after others", (good) => `a=b; c=d; ${NAME}=${good}`],
  ["with a tab", (good) => `a=b;\t${NAME}=${good}`],
];

async function startAlice() {
  const server = await startSessions();
  const browser = server.browser();
  await browser.post("/login?user=alice");
  const good = browser.cookie?.slice(NAME.length + 1) ?? "";
  const ask = async (cookie: string) => {
    const other = server.browser();
    other.cookie = cookie;
    const socket = other.client().join("/", {});
    const heard = await new Promise<string>((resolve) => {
      socket.once("connect", () => resolve("let in"));
      socket.once("connect_error", (error) =>
        resolve("data" in error ? Reflect.get(Object(error.data), "error") : error.message),
      );
    });
    return { heard, users: serverSockets(server.io).map(({ data }) => data.identity) };
  };
  return { server, browser, good, ask };
}

describe("a session's cookie with", () => {
  test.each(TRICKS)("%s is nobody's", async (_, cookie) => {
    const { browser, good, ask } = await startAlice();
    const uncaught = await collectUncaught(async () => {
      expect(await ask(cookie(good, browser.id))).toEqual({ heard: "session_required", users: [] });
    });
    expect(uncaught).toEqual([]);
  });

  test.each(FORMS)("its value %s is whose HTTP says, or nobody's", async (_, cookie) => {
    const { server, good, ask } = await startAlice();
    const header = cookie(good);
    const answer = await fetch(`${server.url}/me`, {
      method: "POST",
      headers: { cookie: header, connection: "close" },
    });
    const { user }: { user?: string } = JSON.parse(await answer.text());
    const { heard, users } = await ask(header);
    expect(["let in", "session_required", "temporarily_unavailable"]).toContain(heard);
    expect(users).toEqual(heard === "let in" ? [user] : []);
  });
});
