import { hostname, networkInterfaces } from "node:os";

/** Where this server's page may be looked at: the names and addresses by which it can be reached. */
export function ownOrigins(host: string, port: number): string[] {
  const names = ["localhost", "127.0.0.1", "::1", host];
  if (host === "0.0.0.0" || host === "::") {
    names.push(hostname().toLowerCase());
    for (const addresses of Object.values(networkInterfaces())) {
      for (const { address } of addresses ?? []) names.push(address);
    }
  }
  // As browsers write it: without the port where that is the default.
  return names.map((name) => new URL(`http://${name.includes(":") ? `[${name}]` : name}:${port}`).origin);
}
