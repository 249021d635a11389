import { expect, until } from "../contract.js";
import { listenTo, PATIENCE } from "../io-fixture.js";
import type { IoChecks } from "./checks.js";

/** What the sockets of a link deliver. */
export const EVENTS: IoChecks = {
  "what came in before anybody listened is delivered first, in order and once": async (
    fixture,
    { server },
  ) => {
    const opened = await fixture.connect();
    server.send("/", "first", 1);
    server.send("/", "second");
    await fixture.echo(opened);
    const ear = listenTo(opened.link.socket("/"));
    server.send("/", "third");
    await until(
      () => ear.heard.includes("third"),
      PATIENCE,
      () => {
        return "An event of the server's did not reach its listener. Call onEvent with its name and its arguments.";
      },
    );
    expect(
      ear.heard.join() === "first,second,third",
      `The listener heard ${ear.heard.join(", ")}, and not first, second, third. Keep what comes in before listen(), and deliver it there.`,
    );
    // A server that recovers states appends a string of its own.
    expect(
      ear.args[0]?.[0] === 1,
      "The arguments of an event did not arrive as they were sent. Hand them on as an array.",
    );
    const next = listenTo(opened.link.socket("/"));
    await fixture.echo(opened);
    expect(
      next.heard.length === 0,
      "What one listener had heard was delivered to the next one too. Deliver each event once.",
    );
  },
  "events arrive in order, with their arguments, in their namespace": async (fixture, { server }) => {
    const opened = await fixture.connect({ namespaces: ["/", "/second"] });
    await fixture.echo(opened, "/second");
    const [ear, elsewhere] = [listenTo(opened.link.socket("/")), listenTo(opened.link.socket("/second"))];
    const numbers = [1, 2, 3, 4, 5, 6];
    for (const number of numbers) server.send("/", "numbered", number, { n: number });
    server.send("/second", "elsewhere");
    await until(
      () => ear.heard.length >= numbers.length && elsewhere.heard.length > 0,
      PATIENCE,
      () => "Not every event of the server's reached its listener. Call onEvent with each, in its namespace.",
    );
    await fixture.waitAWhile();
    const arrived = ear.args.map(([number, object]) => [number, object]);
    expect(
      JSON.stringify(arrived) === JSON.stringify(numbers.map((n) => [n, { n }])),
      `Events did not arrive once each, in order and with their arguments: ${JSON.stringify(ear.args.map(([number]) => number))}. Deliver each within the call that brings it, or in a queue.`,
    );
    expect(
      elsewhere.heard.join() === "elsewhere",
      "An event of one namespace reached the listener of another. Deliver it to the socket of its namespace.",
    );
  },
  "a listener that was taken away hears nothing": async (fixture, { server }) => {
    const opened = await fixture.connect();
    const socket = opened.link.socket("/");
    const ear = listenTo(socket);
    socket.listen(undefined);
    server.send("/", "late");
    await fixture.echo(opened);
    expect(ear.heard.length === 0, "A listener heard an event after listen(undefined). Let that end it.");
  },
  "a function as the last argument of an event acknowledges": async (fixture, { server }) => {
    const opened = await fixture.connect();
    const ear = listenTo(opened.link.socket("/"));
    const answers: unknown[] = [];
    server.send("/", "question", 1, (value: unknown) => answers.push(value));
    await until(
      () => ear.heard.length > 0,
      PATIENCE,
      () => "An event of the server's did not reach its listener.",
    );
    const answer = ear.args[0]?.at(-1);
    expect(
      typeof answer === "function",
      "An event that asks for an acknowledgement brought no function as its last argument. Append one.",
    );
    if (typeof answer === "function") answer("yes");
    await until(
      () => answers.length > 0,
      PATIENCE,
      () => {
        return "The function that acknowledges an event sent nothing. Send its arguments to the server.";
      },
    );
    expect(answers.join() === "yes", "An acknowledgement arrived with other values. Send them as they are.");
  },
};
