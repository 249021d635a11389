import { randomUUID } from "node:crypto";
import type { Server as HttpServer } from "node:http";
import express, { type Express } from "express";
import { Server } from "socket.io";

interface ServerToClient {
  message(line: string): void;
}

interface ClientToServer {
  say(text: string, heard: (line: string) => void): void;
}

interface SocketData {
  user: string;
}

/** What all recipes talk to: a plain Express and Socket.IO server. Tokens are random and live until it stops. */
export function serveChat(app: Express, http: HttpServer) {
  const users = new Map<string, string>();

  app.post("/login", express.text(), (request, response) => {
    const token = randomUUID();
    users.set(token, String(request.body));
    response.type("text/plain").send(token);
  });

  const io = new Server<ClientToServer, ServerToClient, Record<string, never>, SocketData>(http);
  io.use((socket, next) => {
    const user = users.get(socket.handshake.auth["token"]);
    if (user === undefined) {
      return next(Object.assign(new Error("unknown token"), { data: { error: "invalid_token" } }));
    }
    socket.data.user = user;
    next();
  });
  io.on("connection", (socket) => {
    socket.on("say", (text, heard) => {
      const line = `${socket.data.user}: ${text}`;
      io.emit("message", line);
      heard(line);
    });
  });
  return io;
}
