/** The end of a link. An `AbortSignal` would cost a tenth of a handshake's CPU, and memory for as long as the link lives. */
export interface LinkEnd {
  readonly aborted: boolean;
  /** Calls back when the link ends; answers with what takes that back. */
  subscribe(listener: () => void): () => void;
}

export class LinkEnding implements LinkEnd {
  aborted = false;
  readonly #listeners = new Set<() => void>();

  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  abort(): void {
    if (this.aborted) return;
    this.aborted = true;
    for (const listener of this.#listeners) listener();
    this.#listeners.clear();
  }
}
