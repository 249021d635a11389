import { invalidOption } from "../../errors.js";
import { property } from "../../value.js";
import type { ConnectionMachine } from "./graph.js";

/** What the model itself plays or listens to, and the option by which one's own takes part. */
const PLAYED: Readonly<Record<string, string>> = {
  credential: 'Give your storage adapter as the option "storage".',
  links: 'Give a layer around the IO adapter as the option "io".',
  traffic: "It is how the model emits and what it holds against the server's log.",
};

/**
 * Checks that what `extend` has made is the given statechart with other implementations: a misspelt name would change
 * nothing, and every case would pass.
 *
 * @throws ConnectionError `ERR_INVALID_OPTION`, naming what is wrong.
 */
export function checkExtension(given: ConnectionMachine, extended: ConnectionMachine): void {
  if (property(extended, "root") === undefined || extended.id !== given.id) {
    throw refused("must answer with the statechart that machine.provide() gives back.");
  }
  for (const kind of ["actions", "guards", "actors", "delays"] as const) {
    const known = given.implementations[kind];
    const unknown = Object.keys(extended.implementations[kind]).find((name) => !Object.hasOwn(known, name));
    if (unknown === undefined) continue;
    throw refused(
      `gave "${unknown}" among the ${kind}, and the statechart has none of that name. It has ${Object.keys(known).join(", ")}.`,
    );
  }
  for (const [name, advice] of Object.entries(PLAYED)) {
    if (property(extended.implementations.actors, name) === property(given.implementations.actors, name))
      continue;
    throw refused(`replaced the actor "${name}", which the model needs to be the library's own. ${advice}`);
  }
}

const refused = (what: string): Error => invalidOption(`connectionModel(): "extend" ${what}`);
