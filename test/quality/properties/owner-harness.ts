import { createOwners, isSame, type Owner, type Owners } from "../../../src/credential/owners.js";
import { Broken } from "./oracle.js";

/** What can happen to the owners of a connection, in any order. Links stay open, so that each may be named late. */
export type OwnerStep =
  | { do: "token"; user: number; isSameText: boolean }
  | { do: "renewal" }
  | { do: "open" }
  | { do: "name"; link: number; user: number | "nobody" }
  | { do: "changeUser" }
  | { do: "sign out" }
  | { do: "emit" }
  | { do: "write" };

/** By which kind of token: one that says whose it is, one that does not, or the cookie of a session. */
export type OwnerKind = "named" | "opaque" | "cookie";

/** One whom somebody has named, or who is still to be named: two with one label are one. */
interface Person {
  label?: string;
}

interface Message {
  number: number;
  owner: Owner;
  person: Person;
}

interface OpenLink {
  owner: Owner;
  person: Person;
  isCertain: boolean;
}

const NOBODY = "nobody";

/**
 * Holds the owners against who is who by what was said, told by labels alone. Here a link is not closed by another
 * user's token, which goes further than what a connection does.
 */
export class OwnerHarness {
  readonly #kind: OwnerKind;
  readonly #owners: Owners;
  readonly #links: OpenLink[] = [];
  /** Messages that wait, and those that a sign-out took. */
  #queue: Message[] = [];
  #gone: Message[] = [];
  /** Whose the token is, and whose the messages are that are emitted now. */
  #ofToken: Person = {};
  #current = this.#ofToken;
  #areNamed = false;
  #isFirst = true;
  #isSignedIn = false;
  #isRenewalDue = false;
  #emitted = 0;
  #strangers = 0;
  #name: string | undefined;
  /** How often the server has denied that somebody is who the token says. */
  readonly #denials = new Map<string, number>();

  constructor(kind: OwnerKind) {
    this.#kind = kind;
    this.#owners = createOwners(kind === "cookie", () => this.#sweep());
  }

  live(steps: readonly OwnerStep[]): void {
    for (const step of steps) {
      this.#act(step);
      this.#look(step);
    }
  }

  #act(step: OwnerStep): void {
    switch (step.do) {
      case "token":
        this.#begin(`user${step.user}`, step.isSameText && this.#isSignedIn, false);
        return;
      case "renewal":
        if (this.#isSignedIn) this.#begin(this.#name ?? "", true, true);
        return;
      case "open":
        if (!this.#isSignedIn) return;
        this.#links.push({
          owner: this.#owners.ofToken,
          person: this.#ofToken,
          isCertain: this.#owners.isKnown,
        });
        return;
      case "name":
        this.#nameLink(this.#links[step.link % Math.max(1, this.#links.length)], step.user);
        return;
      case "changeUser":
        if (this.#isSignedIn) this.#changeUser();
        return;
      case "sign out":
        if (this.#isSignedIn) this.#signOut();
        return;
      case "emit":
        // Signed out nothing is emitted, but before the first token.
        if (!(this.#isSignedIn || this.#isFirst)) return;
        this.#emitted += 1;
        this.#queue.push({ number: this.#emitted, owner: this.#owners.current, person: this.#current });
        return;
      case "write":
        for (const link of this.#links) this.#write(link);
    }
  }

  #begin(user: string, isSameText: boolean, isRenewal: boolean): void {
    const isNamed = this.#kind === "named";
    const isSameToken = isSameText && this.#kind === "opaque";
    if (!isSameText) this.#name = user;
    const label = `${this.#name} ${this.#denials.get(this.#name ?? "") ?? 0}`;
    if (this.#isFirst && isNamed) this.#ofToken.label = label;
    else if (!(this.#isFirst || isSameToken)) this.#ofToken = isNamed ? { label } : {};
    this.#isFirst = false;
    this.#isSignedIn = true;
    this.#isRenewalDue = isRenewal && !isNamed;
    if (!this.#isRenewalDue) this.#current = this.#ofToken;
    this.#owners.begin(isNamed ? this.#name : undefined, isSameText, isRenewal);
  }

  #nameLink(link: OpenLink | undefined, user: number | "nobody"): void {
    if (!link) return;
    if (user !== NOBODY) this.#areNamed = true;
    const isOfToken = same(link.person, this.#ofToken);
    if (this.#areNamed && this.#kind !== "named") link.person = this.#said(link.person, user);
    if (isOfToken) {
      this.#ofToken = link.person;
      this.#current = link.person;
      this.#isRenewalDue = false;
    }
    link.owner = this.#owners.name(link.owner, user === NOBODY ? undefined : `user${user}`);
    link.isCertain = true;
  }

  /** Who somebody is, once the server has said so: another one where it has said something else before. */
  #said(person: Person, user: number | "nobody"): Person {
    const { label } = person;
    if (user === NOBODY && label?.startsWith(NOBODY)) return person;
    if (user === NOBODY) this.#strangers += 1;
    const next = user === NOBODY ? `${NOBODY} ${this.#strangers}` : `user${user}`;
    if (label !== undefined && label !== next) return { label: next };
    person.label = next;
    return person;
  }

  #changeUser(): void {
    if (this.#kind === "named" && this.#name !== undefined) {
      const denials = (this.#denials.get(this.#name) ?? 0) + 1;
      this.#denials.set(this.#name, denials);
      this.#ofToken = { label: `${this.#name} ${denials}` };
    } else this.#ofToken = {};
    this.#current = this.#ofToken;
    this.#areNamed = false;
    this.#isRenewalDue = false;
    this.#owners.changeUser();
  }

  /** Whatever waits is dropped, and every link is closed. */
  #signOut(): void {
    this.#owners.signOut();
    this.#gone.push(...this.#queue);
    this.#queue = [];
    this.#links.length = 0;
    this.#areNamed = false;
    this.#isSignedIn = false;
    this.#isRenewalDue = false;
    this.#current = this.#ofToken;
    // Nobody counts as known any more.
    if (this.#kind !== "named") this.#ofToken = this.#current = {};
  }

  #sweep(): void {
    this.#queue = this.#queue.filter(({ owner, person, number }) => {
      const isKept = isSame(owner, this.#owners.current);
      if (!isKept && same(person, this.#current)) {
        throw new Broken(`G4: message ${number} of ${person.label} was dropped as another user's`);
      }
      return isKept;
    });
    // Nothing of anybody else is left, so that one who is named like one of them is somebody new.
    for (const { person } of this.#links) {
      if (person.label === undefined || same(person, this.#current)) continue;
      this.#strangers += 1;
      person.label += `, before ${this.#strangers}`;
    }
  }

  #write({ owner, person, isCertain }: OpenLink): void {
    if (!isCertain || !isSame(owner, this.#owners.ofToken)) return;
    this.#queue = this.#queue.filter((message) => {
      if (!isSame(message.owner, owner)) return true;
      if (!same(message.person, person)) {
        throw new Broken(`G3: message ${message.number} of ${message.person.label} left as ${person.label}`);
      }
      return false;
    });
  }

  /** What must be so after each step. */
  #look(step: OwnerStep): void {
    const require = (holds: boolean, what: string): void => {
      if (!holds) throw new Broken(`${what}, after ${step.do}`);
    };
    require(this.#owners.areNamed === this.#areNamed, "G3: it is not known whether the server names users");
    const isKnown = this.#kind === "named" || (this.#kind === "opaque" && !this.#areNamed);
    if (this.#isSignedIn) require(this.#owners.isKnown === isKnown, "G3: who has to be named is not known");
    const isCertain = !this.#isRenewalDue && (this.#ofToken.label !== undefined || !this.#areNamed);
    for (const { number, person } of isCertain && this.#isSignedIn ? this.#queue : []) {
      require(same(person, this.#current), `G3: message ${number} of another user still waits`);
    }
    const { current } = this.#owners;
    for (const { number, owner, person } of this.#isSignedIn ? this.#gone : []) {
      const isBack = isSame(owner, current) && !same(person, this.#current);
      require(!isBack, `G3: message ${number} of before a sign-out is the present user's`);
    }
  }
}

/** Whether two are one, by what was said of them. */
function same(one: Person, other: Person): boolean {
  return one === other || (one.label !== undefined && one.label === other.label);
}
