import type { Revoked } from "./by-name.js";
import type { Credential } from "./credential.js";
import type { Link } from "./link.js";

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
