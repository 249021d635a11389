import { createConnection, isConnectionError, memoryStorage } from "socket-rotor";

const url = process.argv[2] ?? "http://localhost:3000";

/** A machine's own sign-in: a token when there is none, or when the one there was is refused. */
async function signIn(signal?: AbortSignal): Promise<string> {
  const response = await fetch(`${url}/login`, {
    method: "POST",
    headers: { "content-type": "text/plain" },
    body: "Robot",
    ...(signal !== undefined && { signal }),
  });
  if (!response.ok) throw new Error(`HTTP ${response.status}`); // is tried again
  return response.text();
}

async function main(): Promise<void> {
  const connection = createConnection({
    url,
    storage: memoryStorage(await signIn()),
    refresh: ({ signal }) => signIn(signal),
  });
  try {
    await connection.whenConnected({ signal: AbortSignal.timeout(10_000) });
    console.log(await connection.socket.emitWithAck("say", "Hello"));
  } finally {
    connection.dispose(); // nothing is left, and the process ends by itself
  }
}

main().catch((error: unknown) => {
  console.error(isConnectionError(error) ? `${error.code}: ${error.message}` : error);
  process.exitCode = 1;
});
