import type { Mutant } from "./mutant.js";

/** F61: a platform, or an object of the application's, that is not what it is taken for. */
export const PLATFORMS: readonly Mutant[] = [
  {
    promise: "F61",
    what: "An unexpected error at admission is logged once for each throw site",
    file: "src/server/thrown.ts",
    find: "  if (error instanceof TokenError) return error;\n",
    replace: '  return error instanceof TokenError ? error : new TokenError("temporarily_unavailable");\n',
    test: [
      "test/unit/server/admission-errors.test.ts",
      "is logged once for each throw site, without its message, and the client tries again",
    ],
  },
  {
    promise: "F61",
    what: "The end of a connection is heard of on `@socket.io/bun-engine`",
    file: "src/server/hooks.ts",
    find: 'isFunction(property(emitter, "emitReserved")) ? "emitReserved" : "emit"',
    replace: '"emit"',
    test: [
      "test/system/frameworks/bun.test.ts",
      "F61 the engine for Bun is heard when a connection ends, and each one that is open is sent away",
    ],
  },
  {
    promise: "F61",
    what: "What cannot run there is refused at start",
    file: "src/server/engine-middleware.ts",
    find: "if (engine !== undefined && !isEngine(engine)) throw noMiddlewares(caller);",
    replace: "",
    test: [
      "test/system/frameworks/bun.test.ts",
      "F61 what cannot run on the engine for Bun is refused at start, by its name",
    ],
  },
];
