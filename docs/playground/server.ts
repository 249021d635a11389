import { startPlayground } from "./playground.js";

/** `npm start`: the playground on port 3000, or on `PORT`. `HOST` opens it to other computers. */
async function main(): Promise<void> {
  const port = Number(process.env["PORT"] || 3000);
  if (!Number.isInteger(port) || port < 0 || port > 65_535) {
    throw new Error(`PORT is "${process.env["PORT"]}": it takes a number from 0 to 65535.`);
  }
  const host = process.env["HOST"];
  const playground = await startPlayground({ port, ...(host ? { host } : {}) });
  console.log(`The socket-rotor playground is at ${playground.url}`);

  const stop = () => void playground.close().then(() => process.exit(0));
  process.once("SIGINT", stop);
  process.once("SIGTERM", stop);
}

main().catch((error: unknown) => {
  console.error(explain(error));
  process.exit(1);
});

function explain(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  if ("code" in error && error.code === "EADDRINUSE") {
    return `${error.message}\nSomething else listens on that port. Choose another one: PORT=3001 npm start`;
  }
  return error.message;
}
