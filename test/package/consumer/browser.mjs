// What a bundler makes of an application; run.mjs evaluates the bundle in a window.
import { createConnection, memoryStorage } from "socket-rotor";

document.title = [typeof createConnection, memoryStorage("a token").read()].join(" ");
