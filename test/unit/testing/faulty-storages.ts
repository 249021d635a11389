import type { StorageHarness } from "socket-rotor/testing";
import { untyped } from "../../support/untyped.js";

/** A store that tells of its changes, for an adapter to be built on. */
export function store() {
  const listeners = new Set<() => void>();
  let token: string | null = null;
  let isFailing = false;
  const at = {
    listeners,
    /** Before the change is there to be read. */
    onBeforeSet: (): void => {},
    get: (): string | null => {
      if (isFailing) throw new Error("the store is away");
      return token;
    },
    set(next: string | null): void {
      if (isFailing) throw new Error("the store is full");
      at.onBeforeSet();
      token = next;
      at.tell();
    },
    tell(): void {
      for (const listener of [...listeners]) listener();
    },
    listen(listener: () => void): () => void {
      const entry = (): void => listener();
      listeners.add(entry);
      return () => void listeners.delete(entry);
    },
    setFailing(next: boolean): void {
      isFailing = next;
    },
  };
  return at;
}

type Store = ReturnType<typeof store>;

function harness(
  make: (at: Store) => Partial<Record<keyof StorageHarness["adapter"], unknown>>,
): StorageHarness {
  const at = store();
  const sound = {
    read: at.get,
    write: at.set,
    subscribe: at.listen,
  };
  const { set, setFailing } = at;
  const adapter: StorageHarness["adapter"] = untyped({ ...sound, ...make(at) });
  return { adapter, set, setFailing, listeners: () => at.listeners.size };
}

/** Answers with the read that is under way. */
function shared(look: () => Promise<string | null>): () => Promise<string | null> {
  let underWay: Promise<string | null> | undefined;
  return () => {
    underWay ??= look().finally(() => {
      underWay = undefined;
    });
    return underWay;
  };
}

/** Adapters that break the contract, each in one way, with the rules that they break. */
export const faultyStorages: ReadonlyArray<{ what: string; create: () => StorageHarness; breaks: string[] }> =
  [
    {
      what: "takes a failing store for a sign-out",
      create: () =>
        harness(({ get }) => ({
          read() {
            try {
              return get();
            } catch {
              return null;
            }
          },
        })),
      breaks: ["a store that fails is a throw, never signed out and never an older token"],
    },
    {
      what: "answers undefined for nobody",
      create: () => harness(({ get }) => ({ read: () => get() ?? undefined })),
      breaks: [
        "read answers null when nobody is signed in",
        "writing null removes the token",
        "a change is told, and is there to be read when it is",
      ],
    },
    {
      what: "answers with the last token while the store fails",
      create: () =>
        harness(({ get }) => {
          let last: string | null = null;
          return {
            read() {
              try {
                last = get();
              } catch {}
              return last;
            },
          };
        }),
      breaks: ["a store that fails is a throw, never signed out and never an older token"],
    },
    {
      what: "keeps a failure",
      create: () =>
        harness(({ get }) => {
          let failure: unknown;
          return {
            read() {
              if (failure) throw failure;
              try {
                return get();
              } catch (error) {
                failure = error;
                throw error;
              }
            },
          };
        }),
      breaks: ["a store that works again is read again"],
    },
    {
      what: "tells before the change can be read",
      create: () =>
        harness((at) => {
          const early = new Set<() => void>();
          at.onBeforeSet = () => {
            for (const listener of early) listener();
          };
          return {
            subscribe(listener: () => void) {
              early.add(listener);
              return () => early.delete(listener);
            },
          };
        }),
      breaks: [
        "a change is told, and is there to be read when it is",
        "every subscription is told, and ending one leaves the others",
        "a subscription that begins after changes, or after others have ended, is told of the next",
      ],
    },
    {
      what: "hears of nothing that is removed",
      create: () =>
        harness((at) => ({
          subscribe: (listener: () => void) => at.listen(() => at.get() !== null && listener()),
        })),
      breaks: ["a change is told, and is there to be read when it is"],
    },
    {
      what: "has room for one listener",
      create: () =>
        harness((at) => {
          let only: (() => void) | undefined;
          at.listen(() => only?.());
          return {
            subscribe(listener: () => void) {
              only = listener;
              return () => {
                if (only === listener) only = undefined;
              };
            },
          };
        }),
      breaks: ["every subscription is told, and ending one leaves the others"],
    },
    {
      what: "ends every subscription with one",
      create: () =>
        harness((at) => ({
          subscribe(listener: () => void) {
            at.listen(listener);
            return () => at.listeners.clear();
          },
        })),
      breaks: ["every subscription is told, and ending one leaves the others"],
    },
    {
      what: "goes on after the end",
      create: () =>
        harness((at) => ({
          subscribe(listener: () => void) {
            at.listen(listener);
            return () => {};
          },
        })),
      breaks: ["a subscription that has ended is silent, and leaves no listener in the store"],
    },
    {
      what: "gives back nothing to end with",
      create: () => harness((at) => ({ subscribe: (listener: () => void) => void at.listen(listener) })),
      breaks: ["subscribe answers with the function that ends the subscription"],
    },
    {
      what: "cannot be subscribed to twice",
      create: () =>
        harness((at) => {
          let isUsed = false;
          return {
            subscribe(listener: () => void) {
              const end = isUsed ? () => {} : at.listen(listener);
              isUsed = true;
              return end;
            },
          };
        }),
      breaks: [
        "every subscription is told, and ending one leaves the others",
        "a subscription that begins after changes, or after others have ended, is told of the next",
      ],
    },
    {
      what: "caches what it has read",
      create: () =>
        harness(({ get }) => {
          let cached: string | null | undefined;
          return {
            read() {
              cached ??= get();
              return cached;
            },
            // What the library writes it knows.
            write: undefined,
          };
        }),
      breaks: [
        "a read that begins after a change does not answer with what was there before",
        "read answers with the token that is stored, and with a newer one as soon as it is stored",
        "a store that fails is a throw, never signed out and never an older token",
        "a change is told, and is there to be read when it is",
        "every subscription is told, and ending one leaves the others",
      ],
    },
    {
      what: 'stores the word "null"',
      create: () => harness(({ set }) => ({ write: (token: unknown) => set(String(token)) })),
      breaks: ["writing null removes the token"],
    },
    {
      what: "promises a write before it is done",
      create: () =>
        harness(({ set }) => ({
          async write(token: string | null) {
            setTimeout(() => {
              try {
                set(token);
              } catch {}
            }, 20);
          },
        })),
      breaks: [
        "a write that fails throws",
        "a token that is written is read",
        "writing null removes the token",
        "any string comes back as it was written",
      ],
    },
    {
      what: "changes what it stores",
      create: () =>
        harness(({ set }) => ({ write: (token: string | null) => set(token && encodeURI(token)) })),
      breaks: ["any string comes back as it was written"],
    },
    {
      what: "throws at an empty string",
      create: () =>
        harness(({ get }) => ({
          read() {
            const token = get();
            if (token === "") throw new Error("not a token");
            return token;
          },
        })),
      breaks: ["an empty string is read as signed out, and not as a failure"],
    },
    {
      what: "answers only the last of several reads",
      create: () =>
        harness(({ get }) => {
          let reads = 0;
          return {
            async read() {
              reads += 1;
              const mine = reads;
              await Promise.resolve();
              return mine === reads ? get() : new Promise(() => {});
            },
          };
        }),
      breaks: [
        "reads at the same time all answer",
        "every subscription is told, and ending one leaves the others",
      ],
    },
    {
      what: "shares a read that is under way",
      create: () =>
        // What it saw when it began, as a transaction does.
        harness(({ get }) => ({ read: shared(async () => get()) })),
      breaks: ["a read that begins after a change does not answer with what was there before"],
    },
    {
      what: "shares a read of a store that takes its time",
      create() {
        let isLooking = false;
        const sound = harness(({ get, listen }) => {
          const look = async (): Promise<string | null> => {
            const seen = get();
            isLooking = true;
            await new Promise((resolve) => setTimeout(resolve, 2));
            isLooking = false;
            return seen;
          };
          return {
            read: shared(look),
            // A signal that comes when no read is under way.
            subscribe: (listener: () => void) => listen(() => setTimeout(listener, 10)),
          };
        });
        return {
          ...sound,
          async set(token) {
            await new Promise((resolve) => setTimeout(resolve, 21));
            // Where there are reads, it lands amid one of them.
            for (let turn = 0; turn < 20 && !isLooking; turn += 1) {
              await new Promise((resolve) => setTimeout(resolve));
            }
            await sound.set(token);
          },
        };
      },
      breaks: [
        "a read that begins after a change does not answer with what was there before",
        "a subscription that has ended is silent, and leaves no listener in the store",
      ],
    },
    {
      what: "swallows a write that fails",
      create: () =>
        harness(({ set }) => ({
          async write(token: string | null) {
            try {
              set(token);
            } catch {}
          },
        })),
      breaks: ["a write that fails throws"],
    },
    {
      what: "never ends a write that fails",
      create: () =>
        harness(({ set }) => ({
          async write(token: string | null) {
            try {
              set(token);
            } catch {
              await new Promise(() => {});
            }
          },
        })),
      breaks: ["a write that fails throws"],
    },
    {
      what: "tells of a change that was under way when its subscription ended",
      create: () =>
        harness(({ listen }) => ({
          subscribe: (listener: () => void) => listen(() => setTimeout(listener, 20)),
        })),
      breaks: ["a subscription that has ended is silent, and leaves no listener in the store"],
    },
    {
      what: "leaves its listener in the store",
      create: () =>
        harness(({ listen }) => ({
          subscribe(listener: () => void) {
            let isOver = false;
            listen(() => isOver || listener());
            return () => {
              isOver = true;
            };
          },
        })),
      breaks: ["a subscription that has ended is silent, and leaves no listener in the store"],
    },
  ];
