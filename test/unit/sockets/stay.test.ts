import { expect, test } from "vitest";
import { Stay } from "../../../src/sockets/stay.js";
import { handMadeSocket } from "../../support/hand-made-io.js";
import { waiting } from "./waiting.js";

function joined() {
  const socket = handMadeSocket();
  const stay = new Stay(socket);
  socket.connect();
  stay.open();
  return { socket, stay };
}

test("is open once the server has let it in, until it has ended or its link is gone", () => {
  const { socket, stay } = joined();
  expect([new Stay().isOpen, new Stay(socket).isOpen, stay.isOpen]).toEqual([false, false, true]);
  socket.leave();
  expect(stay.isOpen).toBe(false);
  socket.connect("id-2");
  stay.end();
  expect(stay.isOpen).toBe(false);
});

test("is over for replies when there is no link, it is gone, or has left", () => {
  const { socket, stay } = joined();
  // What a server asks before the namespace counts as open may be answered.
  expect([new Stay().isOver, new Stay(socket).isOver, stay.isOver]).toEqual([true, false, false]);
  stay.end();
  expect(stay.isOver).toBe(true);
  socket.leave();
  expect(new Stay(socket).isOver).toBe(true);
});

test("what is due is given up with it, and a plain callback is told nothing", () => {
  const { stay } = joined();
  const [promised, plain] = [waiting(), waiting(false)];
  for (const { message } of [promised, plain]) stay.write(message, () => {});
  for (const { message } of [promised, plain]) stay.wait(message);
  expect(stay.giveUp()).toBe(true);
  expect([promised.told, plain.told, stay.pending.size]).toEqual([["ERR_LINK_CLOSED"], [], 0]);
  expect(stay.giveUp()).toBe(false);
});

test("a message that is written when it has ended meanwhile is given up at once", () => {
  const { stay } = joined();
  const { message, told } = waiting();
  stay.end();
  stay.wait(message);
  expect(told).toEqual(["ERR_LINK_CLOSED"]);
});

test("what another one waits for is waited for here, in order", () => {
  const [first, second] = [joined().stay, joined().stay];
  const [one, two] = [waiting(), waiting()];
  first.wait(one.message);
  second.wait(two.message);
  second.takeOver(first);
  expect([first.pending.size, second.pending.size]).toEqual([0, 2]);
  expect(second.pending.removeAll()).toEqual([two.message, one.message]);
});
