import fc from "fast-check";
import { describe, it } from "vitest";
import { OwnerHarness, type OwnerKind, type OwnerStep } from "./owner-harness.js";
import { ownerRuns } from "./runs.js";

const user = fc.constantFrom(0, 0, 1, 2);
const step: fc.Arbitrary<OwnerStep> = fc.oneof(
  { weight: 3, arbitrary: fc.record({ do: fc.constant("token"), user, isSameText: fc.boolean() }) },
  { weight: 2, arbitrary: fc.constant({ do: "renewal" }) },
  { weight: 3, arbitrary: fc.constant({ do: "open" }) },
  {
    weight: 5,
    arbitrary: fc.record({
      do: fc.constant("name"),
      link: fc.nat(7),
      user: fc.oneof({ weight: 4, arbitrary: user }, fc.constant("nobody")),
    }),
  },
  { weight: 1, arbitrary: fc.constant({ do: "changeUser" }) },
  { weight: 1, arbitrary: fc.constant({ do: "sign out" }) },
  { weight: 6, arbitrary: fc.constant({ do: "emit" }) },
  { weight: 3, arbitrary: fc.constant({ do: "write" }) },
) as fc.Arbitrary<OwnerStep>;
const steps = fc.array(step, { maxLength: 24, size: "max" });

describe("G3 the owners of messages are told apart, in any order of names, by anyone and at any time", () => {
  it.each<OwnerKind>(["opaque", "cookie", "named"])("where the credential is %s", (kind) => {
    const alive = fc.property(steps, (each) => new OwnerHarness(kind).live(each));
    fc.assert(alive, { seed: 1, numRuns: ownerRuns });
  });
});
