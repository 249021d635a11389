/**
 * `npm run tables`: writes the tables of the wire's error codes into the documents, from the table in src/error-codes.ts.
 * test/docs/tables.test.ts fails when one of them is stale. A code without a row here does not compile.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { ERROR_CODES, type RefusalCode } from "../src/error-codes.js";
import { fillMarkers } from "./markers.js";

/** The files with tables, relative to the root of the repository. */
export const TABLES = ["docs/protocol.md", "docs/errors.md"] as const;

interface Row {
  rfc?: string;
  /** What the server means. */
  means: string;
  /** What a client does. */
  client: string;
  /** What is to add about a CONNECT, a goodbye, an answer on the same link. */
  connect?: string;
  goodbye?: string;
  answer?: string;
}

const ROWS: Record<RefusalCode, Row> = {
  invalid_token: {
    rfc: "RFC 6750",
    means: "The token is missing, malformed, too long, expired, revoked, or older than required.",
    client: "refreshes its token, once; a second refusal in a row is final",
    goodbye: ", after a random delay",
    answer: "; the old link stays meanwhile",
  },
  insufficient_scope: {
    rfc: "RFC 6750",
    means: "The user is known, but this token does not allow it.",
    client:
      "gives up this namespace; for its main namespace, in a goodbye and in an answer, gives up the token",
    connect: "; in a namespace other than the primary one, [that namespace only](socket.md#namespaces)",
  },
  access_denied: {
    rfc: "RFC 6749",
    means: "The user is known, but not allowed.",
    client: "as with `insufficient_scope`",
    connect: "; in a namespace other than the primary one, [that namespace only](socket.md#namespaces)",
  },
  invalid_request: {
    rfc: "RFC 6750",
    means: "The message is malformed.",
    client: "gives up the token",
  },
  session_required: {
    means: "There is no signed-in session.",
    client: "is signed out; soon after `session_changed`, tries again",
  },
  session_ended: {
    means: "The session was signed out, has expired or was destroyed.",
    client: "is signed out",
  },
  session_changed: {
    means: "The session has another id or another user.",
    client: "closes the link and opens a new one at once; the second time after a delay",
    connect: "; the first time at once, then with a delay",
    goodbye: "; the first time at once, then with a delay",
    answer: "the old link is closed, a new one opened",
  },
  identity_mismatch: {
    means: "The link belongs to another subject.",
    client: "closes the link and opens a new one",
    answer: "another user: the old link is closed at once, a new one opened",
  },
  temporarily_unavailable: {
    rfc: "RFC 6749",
    means: "It could not be checked now: overload, an outage, too many tokens, a shutdown.",
    client: "tries again, after `retryAfter` if given; after an answer, on the same link",
    answer: " on the same link, which stays meanwhile",
  },
};

/** A document with its tables written anew. */
export function redrawTables(document: string): string {
  return fillMarkers(document, { codes: codesTable(), refusals: refusalsTable() });
}

function codesTable(): string {
  return table(["`error`", "it means", "the client"], (code, { means, client }) => [
    `\`${code}\``,
    means,
    client,
  ]);
}

function refusalsTable(): string {
  const heads = [
    "error code",
    "refused when connecting",
    "said in a goodbye",
    "answer to a newer token on the same link",
  ];
  return table(heads, (code, { rfc, connect = "", goodbye = "", answer = "" }) => {
    const { verdict, needsNewLink } = ERROR_CODES[code];
    const name = rfc === undefined ? `\`${code}\`` : `\`${code}\` (${rfc})`;
    return [
      name,
      `*${verdict}*${connect}`,
      `*${verdict}*${goodbye}`,
      needsNewLink ? answer : `*${verdict}*${answer}`,
    ];
  });
}

function table(heads: readonly string[], row: (code: RefusalCode, prose: Row) => readonly string[]): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  const codes = Object.keys(ERROR_CODES).filter((code): code is RefusalCode => Object.hasOwn(ROWS, code));
  return [
    line(heads),
    `|${heads.map(() => "---").join("|")}|`,
    ...codes.map((code) => line(row(code, ROWS[code]))),
  ].join("\n");
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  for (const name of TABLES) {
    const path = fileURLToPath(new URL(`../${name}`, import.meta.url));
    writeFileSync(path, redrawTables(readFileSync(path, "utf8")));
  }
}
