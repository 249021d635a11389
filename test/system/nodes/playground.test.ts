import { createServer } from "node:net";
import { once } from "node:events";
import { type Connection, createConnection, memoryStorage } from "socket-rotor";
