import { property } from "../../value.js";
import type { Link } from "../link.js";
import { type Credential, digestOf } from "./credential.js";

/** Tokens by name: one token, or every token of a user that was issued so far. */
export interface Revoked {
  readonly subject?: string;
  readonly tokenId?: string;
}

/** Something about tokens, by their name, each until its time. */
export interface ByName<T> {
  readonly isEmpty: boolean;
  get(name: Revoked): T | undefined;
  /** @param until - When it is forgotten, in epoch milliseconds; never before an earlier one of that name was to be. */
  set(name: Revoked, value: T, until: number): void;
}

/** Beyond it the oldest is forgotten: a list that grows without an end would take the server down. */
export const MOST = 100_000;

/** @param onFull - Something was forgotten before its time. */
export function createByName<T>(onFull: () => void): ByName<T> {
  /** In the order in which they came. */
  const entries = new Map<string, { value: T; until: number }>();

  const makeRoom = (): void => {
    for (const [key, { until }] of entries) {
      if (until > Date.now() && entries.size < MOST) return;
      if (until > Date.now()) onFull();
      entries.delete(key);
    }
  };

  return {
    get isEmpty() {
      return entries.size === 0;
    },
    get(name) {
      const found = entries.get(keyOf(name));
      return found !== undefined && found.until > Date.now() ? found.value : undefined;
    },
    set(name, value, until) {
      const key = keyOf(name);
      const earlier = entries.get(key);
      entries.delete(key);
      makeRoom();
      entries.set(key, { value, until: Math.max(until, earlier?.until ?? 0) });
    },
  };
}

/** Every name by which a token may be meant. */
export function namesOf({ subject, tokenId }: Credential): readonly Revoked[] {
  return tokenId === undefined ? [{ subject }] : [{ subject }, { tokenId }, { subject, tokenId }];
}

/** The name in what another node has sent. */
export function nameIn(message: unknown): Revoked | undefined {
  const [subject, tokenId] = ["subject", "tokenId"].map((key) => {
    const value = property(message, key);
    return typeof value === "string" && value !== "" ? value : undefined;
  });
  if (subject === undefined && tokenId === undefined) return undefined;
  return { ...(subject !== undefined && { subject }), ...(tokenId !== undefined && { tokenId }) };
}

/** Whether a credential is of that name. */
export function isNamed({ subject, tokenId }: Revoked, credential: Credential): boolean {
  return (
    (subject === undefined || subject === credential.subject) &&
    (tokenId === undefined || tokenId === credential.tokenId)
  );
}

/** A digest, as another node may have sent a name without an end. */
function keyOf({
  subject = null,
  tokenId = null,
}: {
  subject?: string | null;
  tokenId?: string | null;
}): string {
  return digestOf(JSON.stringify([subject, tokenId]));
}

/** The links of this node by what their tokens say, so that a revocation does not have to look at all of them. */
export interface LinkIndex {
  /** How many links have a token without an id. */
  readonly unnamed: number;
  /** Files a link under its credential, and under no earlier one. */
  put(link: Link, next: Credential, previous: Credential | undefined): void;
  remove(link: Link, credential: Credential): void;
  /** The links of that subject, of that token id, or of both. */
  find(revoked: Revoked): readonly Link[];
}

/** Most users have one link, for which a set would be too much. */
type Shelf = Map<string, Link | Set<Link>>;

export function createLinkIndex(): LinkIndex {
  const bySubject: Shelf = new Map();
  const byTokenId: Shelf = new Map();
  let unnamed = 0;

  const remove = (link: Link, { subject, tokenId }: Credential): void => {
    takeFrom(bySubject, subject, link);
    if (tokenId === undefined) unnamed -= 1;
    else takeFrom(byTokenId, tokenId, link);
  };

  return {
    get unnamed() {
      return unnamed;
    },
    put(link, next, previous) {
      if (previous !== undefined) remove(link, previous);
      addTo(bySubject, next.subject, link);
      if (next.tokenId === undefined) unnamed += 1;
      else addTo(byTokenId, next.tokenId, link);
    },
    remove,
    find({ subject, tokenId }) {
      if (tokenId === undefined) return linksAt(bySubject, subject);
      const named = linksAt(byTokenId, tokenId);
      if (subject === undefined) return named;
      const owned = new Set(linksAt(bySubject, subject));
      return named.filter((link) => owned.has(link));
    },
  };
}

function linksAt(shelf: Shelf, key: string | undefined): readonly Link[] {
  const found = key === undefined ? undefined : shelf.get(key);
  if (found === undefined) return [];
  return found instanceof Set ? [...found] : [found];
}

function addTo(shelf: Shelf, key: string, link: Link): void {
  const found = shelf.get(key);
  if (found === undefined) shelf.set(key, link);
  else if (found instanceof Set) found.add(link);
  else shelf.set(key, new Set([found, link]));
}

function takeFrom(shelf: Shelf, key: string, link: Link): void {
  const found = shelf.get(key);
  if (found instanceof Set) found.delete(link);
  if (found === link || (found instanceof Set && found.size === 0)) shelf.delete(key);
}
