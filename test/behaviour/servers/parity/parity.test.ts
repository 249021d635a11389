import { describe, expect, test } from "vitest";
import { read } from "../../../docs/documents.js";
import { play, type Transport } from "./bench";
import { type Script, scripts } from "./scripts";

/** The first cells of the table of differences. */
const [, section = ""] = read("docs/socket.md").split(/^## What is different.*$|^## Messages that wait$/m);
const listed = [...section.matchAll(/^\| (.+?) \|/gm)]
  .map(([, here]) => here)
  .filter((here) => here !== "here");

const transports: Transport[] = ["websocket", "polling"];
const cases = transports.flatMap((transport) =>
  scripts
    .filter(({ on }) => on === undefined || on === transport)
    .map((script) => ({ ...script, name: `${transport}: ${script.name}`, transport })),
);
const same = cases.filter(({ differs }) => differs === undefined);
const other = cases.filter(({ differs }) => differs !== undefined);

type Case = Script & { transport: Transport };

function named(cases: readonly Case[]): [string, Case][] {
  return cases.map((each) => [each.name, each]);
}

async function playBoth({ run, transport, ...settings }: Case) {
  return {
    raw: await play("socket.io-client", transport, run, settings),
    facade: await play("socket-rotor", transport, run, settings),
  };
}

describe("a script written for socket.io-client's Socket has the same log with the facade in its place", () => {
  test.each(named(same))("%s", async (_, script) => {
    const { raw, facade } = await playBoth(script);
    expect(facade).toEqual(raw);
    expect([...raw.client, ...raw.server]).not.toEqual([]);
  });
});

describe("but for what docs/socket.md lists", () => {
  test.each(named(other))("%s", async (_, script) => {
    const { raw, facade } = await playBoth(script);
    expect(facade).not.toEqual(raw);
    expect({ raw, facade }).toMatchSnapshot();
  });

  test("which are these, each with a script that shows it", () => {
    expect([...new Set(other.map(({ differs }) => differs))].sort()).toEqual([...listed].sort());
  });
});

test("the scripts are at least sixty, and no two have the same name", () => {
  const names = scripts.map(({ name }) => name);
  expect(names.length).toBeGreaterThanOrEqual(60);
  expect(new Set(names).size).toBe(names.length);
});
