import type { StorageAdapter } from "../../credential/storage-adapter.js";
import type { Shape } from "../check.js";

/** A storage adapter, and the means to change from outside what it follows. */
export interface StorageHarness {
  /** A new adapter, over a store of its own. */
  adapter: StorageAdapter;
  /**
   * Stores a token past the adapter, as another tab or an authentication client would; `null` removes it. Once it
   * has returned, or its promise has resolved, the token is stored.
   */
  set(token: string | null): void | Promise<void>;
  /**
   * Makes the store fail or work again, for reads and for writes. Where that cannot be arranged, leave it out: what a
   * failure means is then not checked, and the rules that ask for it say so.
   */
  setFailing?(isFailing: boolean): void | Promise<void>;
  /**
   * Whether the store tells nobody when it is changed past the adapter, as AsyncStorage does, so that no signal
   * can be expected.
   * @defaultValue false
   */
  isSilent?: boolean;
  /** How many listeners the store has, where it can be counted: a subscription that has ended must leave none. */
  listeners?(): number;
  /** Cleans up after a rule. */
  dispose?(): void | Promise<void>;
}

/** What a harness may hold. */
export const STORAGE_HARNESS: Shape<StorageHarness> = {
  adapter: { kind: "object", words: "a storage adapter", methods: ["read", "subscribe"] },
  set: { kind: "function", words: "a function that stores a token past the adapter" },
  setFailing: {
    kind: "function",
    words: "a function that makes the store fail or work again",
    isOptional: true,
  },
  isSilent: { kind: "boolean", words: "true or false", isOptional: true },
  listeners: { kind: "function", words: "a function that counts the store's listeners", isOptional: true },
  dispose: { kind: "function", words: "a function that cleans up", isOptional: true },
};

/** Rules by name. */
export type StorageChecks = Readonly<Record<string, (harness: StorageHarness) => Promise<void>>>;
