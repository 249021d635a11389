import * as oidc from "oidc-client-ts";
import type { Refresh, StorageAdapter } from "socket-rotor";
import { describe, expect, onTestFinished, test, vi } from "vitest";
import { exportOf } from "../../docs/exports.js";
import { answer } from "../../support/fake-storages.js";
import { promisesSettled } from "../../support/manual-clock.js";
import { rejection } from "../../support/rejection.js";
import { jwt } from "../../support/tokens.js";
import { asyncStore } from "./async-store.js";
import { firebaseLike, fromSupabaseLike, supabaseLike } from "./auth-clients.js";
import { refreshHarness } from "./refresh-harness.js";
import { READ_TIMEOUT, sourceHarness, types } from "./source-harness.js";

const { ErrorResponse, ErrorTimeout, InMemoryWebStorage, User, UserManager, WebStorageStateStore } = oidc;
const DOCUMENT = "docs/storage-adapters.md";
const CLIENTS = "docs/auth-clients.md";
/** What a function of that document answers with. */
interface Documented {
  storage: StorageAdapter;
  refresh: Refresh;
}
const [first, second] = [jwt({ sub: "alice", jti: 1 }), jwt({ sub: "alice", jti: 2 })];

/** The adapter of a documented function, in a harness, after its first read. */
async function harnessOf(adapter: StorageAdapter) {
  const at = sourceHarness(adapter);
  at.source.read();
  await promisesSettled();
  return at;
}

describe("oidc-client-ts, the real one", () => {
  const withOidc = exportOf<(manager: oidc.UserManager) => Documented>(CLIENTS, "withOidc", {
    "oidc-client-ts": oidc,
  });
  const userOf = (token: string) =>
    new User({
      access_token: token,
      refresh_token: "a refresh token",
      token_type: "Bearer",
      profile: { sub: "alice", iss: "https://id.example.com", aud: "app", exp: 2_000_000_000, iat: 0 },
    });
  const managerOf = () =>
    new UserManager({
      authority: "https://id.example.com",
      client_id: "app",
      redirect_uri: "https://app.example.com/callback",
      metadata: { token_endpoint: "https://id.example.com/token" },
      automaticSilentRenew: false,
      userStore: new WebStorageStateStore({ store: new InMemoryWebStorage() }),
    });

  test("a stored user is read, a renewal rotates, a sign-out signs out, and the end unsubscribes", async () => {
    const manager = managerOf();
    await manager.storeUser(userOf(first));
    const { events, token, stop } = await harnessOf(withOidc(manager).storage);
    expect(token()).toBe(first);
    await manager.storeUser(userOf(second));
    await manager.events.load(userOf(second));
    await promisesSettled();
    expect(token()).toBe(second);
    await manager.removeUser();
    await promisesSettled();
    expect([token(), events.at(-1)]).toEqual([undefined, { type: "token.removed" }]);
    const heard = events.length;
    stop();
    await manager.events.load(userOf(first));
    await promisesSettled();
    expect(events).toHaveLength(heard);
    await manager.events.unload();
  });

  test("a store that fails is could-not-find-out", async () => {
    const manager = managerOf();
    await manager.storeUser(userOf(first));
    const { source, events, token } = await harnessOf(withOidc(manager).storage);
    manager.settings.userStore.get = () => Promise.reject(new Error("the store is gone"));
    source.read();
    await promisesSettled();
    expect(events.at(-1)).toEqual({ type: "token.unreadable", code: "ERR_STORAGE_READ" });
    expect(token()).toBe(first);
  });

  /** A signed-in user whose token is refreshed; the manager asks over `fetch`, which answers so. */
  async function refreshed(ask: () => Promise<Response>) {
    vi.stubGlobal("fetch", vi.fn(ask));
    onTestFinished(() => void vi.unstubAllGlobals());
    const manager = managerOf();
    await manager.storeUser(userOf(first));
    const { storage, refresh } = withOidc(manager);
    const at = refreshHarness(storage, refresh);
    onTestFinished(at.end);
    at.source.read();
    await promisesSettled();
    expect(at.token()).toBe(first);
    return { ...at, manager, outcome: at.begin() };
  }
  const json = (status: number, body: object) => async () => Response.json(body, { status });

  test("a refresh stores the new user, and takes the token once", async () => {
    const { outcome, token, manager, failed, events } = await refreshed(
      json(200, { access_token: second, token_type: "Bearer" }),
    );
    await outcome;
    expect([token(), failed]).toEqual([second, []]);
    expect(events.filter(({ type }) => type === "token.changed")).toHaveLength(2);
    expect((await manager.getUser())?.access_token).toBe(second);
  });

  test("a refresh token that is revoked or has expired signs out, for after a reload too", async () => {
    const { outcome, token, manager, failed } = await refreshed(json(400, { error: "invalid_grant" }));
    await rejection(outcome, "ERR_LOGGED_OUT");
    expect([token(), failed, await manager.getUser()]).toEqual([undefined, [], null]);
  });

  test("somebody who has signed in meanwhile stays", async () => {
    const asked = answer<Response>();
    const { outcome, token, manager, failed } = await refreshed(() => asked.promise);
    await promisesSettled();
    await manager.storeUser(userOf(second));
    asked.resolve(Response.json({ error: "invalid_grant" }, { status: 400 }));
    await outcome;
    expect([token(), failed]).toEqual([second, []]);
    expect((await manager.getUser())?.access_token).toBe(second);
  });

  test.each([
    ["no network", () => Promise.reject(new TypeError("fetch failed"))],
    ["a proxy's error page", async () => new Response("<html>", { status: 502 })],
    ["a server that is down", json(503, {})],
    ["a server that says so", json(503, { error: "temporarily_unavailable" })],
    ["a mistake in the set-up", json(401, { error: "invalid_client" })],
  ])("an outage is could-not-find-out, and nobody is signed out: %s", async (_, ask) => {
    const { outcome, token, manager, failed } = await refreshed(ask);
    await rejection(outcome, "ERR_REFRESH_FAILED");
    expect([token(), failed.length]).toEqual([first, 1]);
    expect((await manager.getUser())?.access_token).toBe(first);
  });

  test.each(["login_required", "interaction_required", "account_selection_required", "consent_required"])(
    "over an iframe, %s signs out",
    async (error) => {
      const manager = managerOf();
      await manager.storeUser(userOf(first));
      manager.signinSilent = () => Promise.reject(new ErrorResponse({ error }));
      const { signal } = new AbortController();
      expect(await withOidc(manager).refresh({ signal })).toBe(null);
      expect(await manager.getUser()).toBe(null);
      await manager.storeUser(userOf(first));
      manager.signinSilent = () => Promise.reject(new ErrorTimeout("IFrame timed out without a response"));
      await expect(withOidc(manager).refresh({ signal })).rejects.toThrow("IFrame timed out");
    },
  );
});

describe("a client like Supabase's", () => {
  test("each change is read, though the client waits for what its callbacks promise", async () => {
    const client = supabaseLike(first);
    const { events, token, stop } = await harnessOf(fromSupabaseLike(client));
    expect(token()).toBe(first);
    await client.set(second);
    await promisesSettled();
    expect(token()).toBe(second);
    await client.set(null);
    await promisesSettled();
    expect([token(), events.at(-1)]).toEqual([undefined, { type: "token.removed" }]);
    stop();
    expect(client.subscriptions).toBe(0);
  });

  test("an answer that is an error is could-not-find-out, though its session is null", async () => {
    const client = supabaseLike(first);
    const { events, token } = await harnessOf(fromSupabaseLike(client));
    client.error = new Error("fetch failed");
    await client.set(first);
    await promisesSettled();
    expect(events.at(-1)).toEqual({ type: "token.unreadable", code: "ERR_STORAGE_READ" });
    expect(token()).toBe(first);
  });
});

describe("a client like Firebase's", () => {
  type Client = ReturnType<typeof firebaseLike>;
  const withFirebase = exportOf<(auth: Client) => Documented>(CLIENTS, "withFirebase");

  test("nobody is signed out before it is ready; each change is read", async () => {
    const client = firebaseLike();
    const { events, token, stop } = await harnessOf(withFirebase(client).storage);
    expect(events).toEqual([]);
    client.set(async () => first);
    await promisesSettled();
    expect([token(), types(events)]).toEqual([first, ["token.maybeChanged", "token.changed"]]);
    client.set(async () => second);
    await promisesSettled();
    expect(token()).toBe(second);
    client.set(null);
    await promisesSettled();
    expect([token(), events.at(-1)]).toEqual([undefined, { type: "token.removed" }]);
    stop();
    expect(client.subscriptions).toBe(0);
  });

  test("a token that cannot be renewed is could-not-find-out", async () => {
    const client = firebaseLike();
    client.set(async () => first);
    const { events, token } = await harnessOf(withFirebase(client).storage);
    client.set(() => Promise.reject(new Error("auth/network-request-failed")));
    await promisesSettled();
    expect(events.at(-1)).toEqual({ type: "token.unreadable", code: "ERR_STORAGE_READ" });
    expect(token()).toBe(first);
  });
});

describe.each(["fromAsyncStorage", "fromSecureStore"])("%s", (name) => {
  type From = (store: ReturnType<typeof asyncStore>, key: string) => StorageAdapter;
  const adapterOf = exportOf<From>(DOCUMENT, name);
  const signedIn = async () => {
    const store = asyncStore();
    store.entries.set("token", first);
    return { store, ...(await harnessOf(adapterOf(store, "token"))) };
  };

  test("the token is read, written by login and removed by logout", async () => {
    const { store, source, token } = await signedIn();
    expect(token()).toBe(first);
    await source.login(second);
    expect([store.entries.get("token"), token()]).toEqual([second, second]);
    await source.logout();
    expect([store.entries.has("token"), token()]).toEqual([false, undefined]);
  });

  test("a read that hangs is could-not-find-out, and its late answer counts for nothing", async () => {
    const { store, source, events, clock, token } = await signedIn();
    const late = answer<string | null>();
    store.read = () => late.promise;
    source.read();
    await clock.advance(READ_TIMEOUT);
    expect(events.at(-1)).toEqual({ type: "token.unreadable", code: "ERR_STORAGE_TIMEOUT" });
    late.resolve(null);
    await promisesSettled();
    expect([token(), types(events)]).toEqual([first, ["token.changed", "token.unreadable"]]);
  });

  test("a read that throws is could-not-find-out", async () => {
    const { store, source, events, token } = await signedIn();
    store.read = () => Promise.reject(new Error("the keychain is locked"));
    source.read();
    await promisesSettled();
    expect(events.at(-1)).toEqual({ type: "token.unreadable", code: "ERR_STORAGE_READ" });
    expect(token()).toBe(first);
  });

  test("a write that throws rejects login, and the user stays", async () => {
    const { store, source, token } = await signedIn();
    store.fails = true;
    const { cause } = await rejection(source.login(second), "ERR_STORAGE_WRITE");
    expect([String(cause), token()]).toEqual(["Error: the disk is full", first]);
  });
});
