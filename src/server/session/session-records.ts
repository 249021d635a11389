import type { Link } from "../link.js";
import type { Facts } from "./facts.js";
import { keyOfSession } from "./session-store.js";

/** A session with the connections that it has on this node. */
export interface SessionRecord {
  readonly id: string;
  readonly key: string;
  /** Each with what it was admitted with; nothing while it is being admitted. */
  readonly links: Map<Link, Facts | undefined>;
  /** How often it was saved by this process since there is this record. */
  saves: number;
  /** When it was touched last, in epoch milliseconds. */
  touchedAt: number;
}

/** The sessions of the connections of one Socket.IO server on this node. */
export interface SessionRecords {
  /** Puts a link on the record of its session until it ends; from now on it hears of what becomes of the session. */
  add(link: Link, id: string): SessionRecord;
  remove(link: Link): void;
  of(link: Link): SessionRecord | undefined;
  byKey(key: string): SessionRecord | undefined;
  keys(): readonly string[];
}

/** @param onFirst - A session has its first link here. It answers with what to do when it has none any more. */
export function createRecords(onFirst: (record: SessionRecord) => () => void): SessionRecords {
  const records = new Map<string, { readonly record: SessionRecord; readonly stop: () => void }>();
  const keys = new WeakMap<Link, string>();
  const followed = new WeakSet<Link>();

  const of = (link: Link): SessionRecord | undefined => {
    const key = keys.get(link);
    return key === undefined ? undefined : records.get(key)?.record;
  };
  const remove = (link: Link): void => {
    const record = of(link);
    keys.delete(link);
    if (record === undefined) return;
    record.links.delete(link);
    if (record.links.size > 0) return;
    records.get(record.key)?.stop();
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
      keys.set(link, key);
      if (!followed.has(link)) link.ended.subscribe(() => remove(link));
      followed.add(link);
      return entry.record;
    },
    remove,
    of,
    byKey: (key) => records.get(key)?.record,
    keys: () => [...records.keys()],
  };
}
