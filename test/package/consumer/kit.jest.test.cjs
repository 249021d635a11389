// The testing kit in Jest, from CommonJS.
const { memoryStorage } = require("socket-rotor");
const { connectionModel, storageContract } = require("socket-rotor/testing");

function storage() {
  const adapter = memoryStorage();
  return { adapter, set: (token) => adapter.write(token) };
}

describe("storage contract", () => {
  test.each(storageContract(storage))("$name", ({ run }) => run());
});

describe("every step of the statechart", () => {
  const cases = connectionModel({ storage, setups: ["without refresh"] });
  test("comes in many cases", () => expect(cases.length).toBeGreaterThan(100));
  test.each(cases)("$name", ({ run }) => run());
});
