import { get, type IncomingHttpHeaders } from "node:http";

export interface HandshakeAnswer {
  status: number;
  headers: IncomingHttpHeaders;
  body: string;
}

/** Begins a connection as no client library would tell of it: what the server answers, to the letter. */
export function handshake(
  url: string,
  transport: "polling" | "websocket",
  headers: Record<string, string> = {},
  query = "",
): Promise<HandshakeAnswer> {
  const upgrade = {
    connection: "Upgrade",
    upgrade: "websocket",
    "sec-websocket-version": "13",
    "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
  };
  return new Promise((resolve, reject) => {
    const request = get(`${url}/socket.io/?EIO=4&transport=${transport}${query}`, {
      agent: false,
      headers: { ...headers, ...(transport === "websocket" && upgrade) },
    });
    request.on("error", reject);
    request.on("upgrade", ({ statusCode = 0, headers }, socket) => {
      socket.destroy();
      resolve({ status: statusCode, headers, body: "" });
    });
    request.on("response", (response) => {
      let body = "";
      response.on("data", (chunk) => {
        body += chunk;
      });
      response.on("end", () =>
        resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
      );
    });
  });
}
