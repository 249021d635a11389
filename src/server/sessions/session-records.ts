import { hash } from "node:crypto";
import type { Link } from "../link.js";
import { createNotes } from "../notes.js";
import type { SessionUser } from "./session-user.js";

/** A session with the connections that it has on this node. */
export interface SessionRecord {
  readonly id: string;
  readonly key: string;
  /** Each with what it was admitted with; nothing while it is being admitted. */
  readonly links: Map<Link, SessionUser | undefined>;
  /** How often it was saved by this process since there is this record. */
  saves: number;
  /** When it was touched last, in epoch milliseconds. */
  touchedAt: number;
}

/** The sessions of the connections of one Socket.IO server on this node. */
export interface SessionRecords {
  /** Puts a link on the record of its session until it ends; from now on it hears of what becomes of the session. */
  add(link: Link, id: string): SessionRecord;
  /** A link that is on a record was admitted. */
  admit(link: Link, user: SessionUser): void;
  remove(link: Link): void;
  of(link: Link): SessionRecord | undefined;
  /** What a link was admitted with. */
  userOf(link: Link): SessionUser | undefined;
  byKey(key: string): SessionRecord | undefined;
  /** The links of a user in all sessions, by {@link keyOfUser}. */
  byUser(key: string): Iterable<Link>;
  keys(): readonly string[];
}

interface Entry {
  readonly record: SessionRecord;
  readonly stop: () => void;
}

/** Where a link is found. */
interface Place {
  readonly entry: Entry;
  userKey: string | undefined;
}

/** @param onFirst - A session has its first link here. It answers with what to do when it has none any more. */
export function createRecords(onFirst: (record: SessionRecord) => () => void): SessionRecords {
  const records = new Map<string, Entry>();
  const places = createNotes<Link, Place>();
  const followed = createNotes<Link, true>();
  const users = new Map<string, Set<Link>>();

  const of = (link: Link): SessionRecord | undefined => places.get(link)?.entry.record;
  const forget = (link: Link, { userKey }: Place): void => {
    if (userKey === undefined) return;
    const links = users.get(userKey);
    links?.delete(link);
    if (links?.size === 0) users.delete(userKey);
  };
  const remove = (link: Link): void => {
    const place = places.get(link);
    if (place === undefined) return;
    places.set(link, undefined);
    forget(link, place);
    const { record, stop } = place.entry;
    record.links.delete(link);
    if (record.links.size > 0) return;
    stop();
    records.delete(record.key);
  };

  return {
    add(link, id) {
      const key = keyOfSession(id);
      let entry = records.get(key);
      if (entry === undefined) {
        const record: SessionRecord = {
          id,
          key,
          links: new Map(),
          saves: 0,
          touchedAt: Number.NEGATIVE_INFINITY,
        };
        entry = { record, stop: onFirst(record) };
        records.set(key, entry);
      }
      entry.record.links.set(link, undefined);
      places.set(link, { entry, userKey: undefined });
      if (!followed.get(link)) link.ended.subscribe(() => remove(link));
      followed.set(link, true);
      return entry.record;
    },
    admit(link, user) {
      const place = places.get(link);
      if (place === undefined) return;
      forget(link, place);
      place.entry.record.links.set(link, user);
      const key = user.name === undefined ? undefined : keyOfUser(user.name);
      place.userKey = key;
      if (key !== undefined) users.set(key, (users.get(key) ?? new Set()).add(link));
    },
    remove,
    of,
    userOf: (link) => of(link)?.links.get(link),
    byKey: (key) => records.get(key)?.record,
    byUser: (key) => users.get(key) ?? [],
    keys: () => [...records.keys()],
  };
}

/** What a session is known by here, and on other nodes: an id is a password, and is told to nobody. */
export function keyOfSession(id: string): string {
  return hash("sha256", id, "base64url");
}

/** What a user is known by on other nodes. */
export function keyOfUser(user: string): string {
  return hash("sha256", `user ${user}`, "base64url");
}
