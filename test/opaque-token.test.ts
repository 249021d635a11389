import { expect, test } from "vitest";
import { connectedRig } from "./connections.js";
import { promisesSettled } from "./manual-clock.js";

test.each([
  [
    "for a token whose user only the server can name no link is opened beside the old one",
    "ada",
    "replacing",
  ],
  ["where no server names anybody, one is: the token is all there is", undefined, "overlapping"],
])("F2 %s", async (_, identity, detail) => {
  const { connection, io } = await connectedRig("opaque", { rotation: "overlap" });
  io.link.report({ type: "ready", reauthenticate: false, ...(identity && { identity }) });
  await connection.login();
  await promisesSettled();
  expect(connection.getSnapshot()).toMatchObject({ status: "rotating", detail });
});
