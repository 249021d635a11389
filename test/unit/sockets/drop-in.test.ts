import { join } from "node:path";
import ts from "typescript";
import { expect, test } from "vitest";
import { ROOT, read } from "../../docs/documents.js";

const source = read("test/unit/sockets/drop-in.types.ts");
const IMPORT = 'import type { Socket } from "socket.io-client";';

/** What the compiler says of the source, with the line each. */
function problemsOf(text: string): string[] {
  const config = ts.readConfigFile(join(ROOT, "tsconfig.json"), ts.sys.readFile);
  const { options } = ts.parseJsonConfigFileContent(config.config, ts.sys, ROOT);
  const path = join(ROOT, "test/unit/sockets/drop-in.virtual.ts");
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile, getSourceFile } = host;
  host.fileExists = (name) => name === path || fileExists(name);
  host.readFile = (name) => (name === path ? text : readFile(name));
  host.getSourceFile = (name, ...rest) =>
    name === path ? ts.createSourceFile(name, text, rest[0]) : getSourceFile(name, ...rest);
  const program = ts.createProgram([path], options, host);
  const file = program.getSourceFile(path);
  return ts.getPreEmitDiagnostics(program, file).map(({ start = 0, messageText }) => {
    const line = 1 + (file?.getLineAndCharacterOfPosition(start).line ?? 0);
    return `${line}: ${ts.flattenDiagnosticMessageText(messageText, "\n")}`;
  });
}

test("code written for Socket compiles", { timeout: 120_000 }, () => {
  expect(source).toContain(IMPORT);
  expect(problemsOf(source)).toEqual([]);
});

test("the same code compiles with RotorSocket in the place of Socket", { timeout: 120_000 }, () => {
  // The type of a reason is looked up in socket.io-client in both.
  const replaced = source
    .replace(
      IMPORT,
      'import type { Socket as Client } from "socket.io-client";\nimport type { RotorSocket as Socket } from "socket-rotor";',
    )
    .replaceAll("Socket.DisconnectReason", "Client.DisconnectReason");
  expect(problemsOf(replaced)).toEqual([]);
});

test("types of its own: members that are not there are undefined, and deprecated with what to use instead", {
  timeout: 120_000,
}, () => {
  const own = `
    import type { RotorSocket } from "socket-rotor";
    export function own(socket: RotorSocket): undefined[] {
      // @ts-expect-error there is no Manager
      socket.io.on("reconnect", () => {});
      // @ts-expect-error
      socket.io.engine.transport.name;
      // @ts-expect-error
      socket.io = {};
      // @ts-expect-error
      socket.sendBuffer = [];
      // @ts-expect-error
      socket.auth.token = "mine";
      return [socket.io, socket.auth, socket.sendBuffer, socket.receiveBuffer];
    }`;
  expect(problemsOf(own)).toEqual([]);
  const declared = read("src/sockets/rotor-socket.ts");
  for (const member of ["io", "auth", "sendBuffer", "receiveBuffer"])
    expect(declared).toMatch(new RegExp(`@deprecated [^/]*\\*/\\s+get ${member}\\(\\)`));
});

test("types of its own: a limited acknowledgement resolves with its value, and dropped is an event", {
  timeout: 120_000,
}, () => {
  const own = `
    import type { ConnectionErrorCode, RotorSocket } from "socket-rotor";
    interface Emit { save: (draft: string, done: (id: number) => void) => void }
    export async function own(socket: RotorSocket<{ dropped: (item: number) => void }, Emit>): Promise<void> {
      const id: number = await socket.timeout(1).emitWithAck("save", "draft");
      socket.on("dropped", (event: string, code: ConnectionErrorCode) => event + code + id);
      // @ts-expect-error the name is taken
      socket.on("dropped", (item: number) => item);
    }`;
  expect(problemsOf(own)).toEqual([]);
});
