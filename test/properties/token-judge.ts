import { Judge } from "./judge.js";

/** A pass is a token, which the library may know as little of as it likes: it may be opaque. */
export class TokenJudge extends Judge {
  protected override owners(): (string | undefined)[] {
    return [this.known, ...this.mayKnow].map((index) => this.userOf(this.heldAt(index)));
  }

  override presented(token: string, others: readonly string[], limit: number): void {
    this.require(
      this.since(this.known).includes(token),
      "G2",
      () => `a handshake carries ${token}, and the storage has said ${this.heldAt(this.known)} since`,
    );
    this.require(others.length < limit, "G1", () => `${others.length} links are open beside a new one`);
    for (const other of others) {
      this.require(
        this.userOf(other) === this.userOf(token),
        "G1",
        () => `a link of ${this.userOf(other)} is open while ${this.userOf(token)}'s handshake leaves`,
      );
    }
  }

  override recovers(earlier: string, token: string): void {
    this.require(earlier === token, "G7", () => `the state of ${earlier} is offered by ${token}`);
  }
}
