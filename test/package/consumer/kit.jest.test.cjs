// The testing kit in Jest, from CommonJS.
const { memoryStorage } = require("socket-rotor");
const { connectionModel, storageContract } = require("socket-rotor/testing");

function storage() {
  const adapter = memoryStorage();
  return { adapter, set: (token) => adapter.write(token) };
}

describe("storage contract", () => {
  for (const { name, run } of storageContract(storage)) test(name, run);
});

describe("every step of the statechart", () => {
  const cases = connectionModel({ storage, setups: ["without refresh"] });
  test("comes in many cases", () => expect(cases.length).toBeGreaterThan(100));
  for (const { name, run } of cases) test(name, run);
});
