import { expect, test, vi } from "vitest";
import { Acks } from "../../../src/sockets/acks.js";
import { waiting } from "./waiting.js";

function acks() {
  const onFinished = vi.fn<() => void>();
  return { acks: new Acks(onFinished), onFinished };
}

test("what is awaited comes in once", () => {
  const { acks: due, onFinished } = acks();
  const { ack } = waiting();
  expect(due.delete(ack)).toBe(false);
  due.add(ack);
  expect([due.delete(ack), due.delete(ack), onFinished.mock.calls.length]).toEqual([true, false, 0]);
});

test("what is due is given up with its link, and a late answer counts no more", () => {
  const { acks: due } = acks();
  const [promised, plain] = [waiting(), waiting(false)];
  for (const { ack } of [promised, plain]) due.add(ack);
  due.closeLink();
  expect([promised.told, plain.told]).toEqual([["ERR_LINK_CLOSED"], []]);
  expect(plain.ack.cancel).toHaveBeenCalledOnce();
  expect([promised, plain].map(({ ack }) => due.delete(ack))).toEqual([false, false]);
});

test("what is due on the link before still comes in, and the last of it is told of", () => {
  const { acks: due, onFinished } = acks();
  const [first, second] = [waiting(), waiting()];
  for (const { ack } of [first, second]) due.add(ack);
  expect(due.isFinished).toBe(true);
  due.changeLink();
  expect(due.isFinished).toBe(false);
  expect([due.delete(first.ack), due.delete(first.ack)]).toEqual([true, false]);
  expect([due.isFinished, onFinished.mock.calls.length]).toEqual([false, 0]);
  expect(due.delete(second.ack)).toBe(true);
  expect([due.isFinished, onFinished.mock.calls.length]).toEqual([true, 1]);
});

test("what is due on the link before is given up when that is gone, and what is due on the newer one is not", () => {
  const { acks: due, onFinished } = acks();
  const [old, newer, plain] = [waiting(), waiting(), waiting(false)];
  for (const { ack } of [old, plain]) due.add(ack);
  due.changeLink();
  due.add(newer.ack);
  due.closeOldLink();
  expect([due.delete(old.ack), due.delete(newer.ack)]).toEqual([false, true]);
  expect([old.told, newer.told, plain.told]).toEqual([["ERR_LINK_CLOSED"], [], []]);
  expect(plain.ack.cancel).toHaveBeenCalledOnce();
  due.closeOldLink();
  expect(onFinished).toHaveBeenCalledOnce();
});

test("both are given up with the newer link, and that is told of, as nobody waits any more", () => {
  const { acks: due, onFinished } = acks();
  const [old, newer] = [waiting(), waiting()];
  due.add(old.ack);
  due.changeLink();
  due.add(newer.ack);
  due.closeLink();
  expect([old.told, newer.told]).toEqual([["ERR_LINK_CLOSED"], ["ERR_LINK_CLOSED"]]);
  expect([due.isFinished, onFinished.mock.calls.length]).toEqual([true, 1]);
});

test("what is due stays due on the first link over a second change", () => {
  const { acks: due, onFinished } = acks();
  const [first, second] = [waiting(), waiting()];
  due.add(first.ack);
  due.changeLink();
  due.add(second.ack);
  due.changeLink();
  expect([first, second].map(({ ack }) => due.delete(ack))).toEqual([true, true]);
  expect([due.isFinished, onFinished.mock.calls.length]).toEqual([true, 1]);
});

test("what is written while the others are given up is awaited on the next link", () => {
  const { acks: due } = acks();
  const next = waiting();
  const settle = vi.fn(() => due.add(next.ack));
  due.add({ takesErrors: true, settle });
  due.closeLink();
  expect([settle.mock.calls.length, next.told, due.delete(next.ack)]).toEqual([1, [], true]);
});
