// Verifies a token with jose, or says what is missing. The answer that is expected is the argument.
import assert from "node:assert/strict";
import { createHmac, randomBytes } from "node:crypto";
import { joseVerifier } from "socket-rotor/server";

const secret = randomBytes(32);
const part = (value) => Buffer.from(JSON.stringify(value)).toString("base64url");
const exp = Math.floor(Date.now() / 1_000) + 60;
const input = `${part({ alg: "HS256" })}.${part({ sub: "alice", exp })}`;
const token = `${input}.${createHmac("sha256", secret).update(input).digest("base64url")}`;

const warnings = [];
const logger = { warn: (line) => warnings.push(line) };
const verify = joseVerifier({ key: secret, algorithms: ["HS256"], logger });
verify(token)
  .then(
    ({ subject }) => subject,
    ({ data }) => data.error,
  )
  .then((answer) => {
    assert.equal(answer, process.argv[2]);
    assert.equal(/npm install jose/.test(warnings.join()), answer !== "alice");
  })
  .catch((error) => {
    process.exitCode = 1;
    console.error(error);
  });
