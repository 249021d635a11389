/**
 * Whose something is: a message, a link, a version of the token. It is compared with `isSame`, never with `===`, as two
 * owners may turn out to be one.
 */
export interface Owner {
  /** Who it is by the token, or by the `identify` option. */
  name?: string;
  /** Who it is by the server: the hash that its half of the library sends; `null` where it names users, and not this one. */
  hash?: string | null;
  /** Another owner that this one turned out to be. */
  same?: Owner;
  /** A link of it ended before the server could name its user: who is named on the next one may be somebody else. */
  isInDoubt?: boolean;
}

/**
 * The owners of one connection. A message is stamped with the owner who is current when it is emitted, a link with the
 * owner of the token version that it presents. The rules:
 *
 * 1. A token version has one owner. What precedes the first token belongs to the owner of the first.
 * 2. What the server says belongs to the version that the link has presented, also when it comes late.
 * 3. An owner without a name merges into the one who has that name. One with a name is never renamed and never merged: a
 *    contradiction makes another owner, whom the link and the current version get.
 * 4. Names by the client and hashes by the server are two spaces. Where both are known, the client's name decides.
 * 5. A session that has changed by the server's word alone changes the current owner only when the server names the user.
 * 6. Once the current owner is certain, `onCertain` is called: what belongs to another one is dropped.
 * 7. Where a server names nobody, each token that names nobody is another owner.
 * 8. Whom a server names after a link that ended before it could name anybody may be another user: rule 3 has no merge then.
 * 9. From the call of `login` on, what is emitted belongs to an owner of its own, who turns out to be the owner of the
 *    token that is stored by it, or is given up.
 */
export interface Owners {
  /** Whose the messages are that the application emits now. */
  readonly current: Owner;
  /** Whose the current token is. */
  readonly ofToken: Owner;
  /** Whether the user of a handshake with the current token is known before the server names one. */
  readonly isKnown: boolean;
  /** Whether the server has named somebody since the last sign-out. */
  readonly areNamed: boolean;
  /**
   * A new version of the token. Answers whether it is another user's, or may be.
   *
   * @param name - Who it is by the token; `undefined` where it does not say.
   * @param isSameText - It is the very token that was current before.
   * @param isRenewal - Only the server says that something has changed: rule 5.
   */
  begin(name: string | undefined, isSameText: boolean, isRenewal: boolean): boolean;
  /**
   * The server has accepted a link of this owner, and names its user, or does not. Answers with the owner of the link
   * from now on.
   */
  name(owner: Owner, hash: string | undefined): Owner;
  /** A link of this owner was accepted, and has ended before the server could name its user. */
  lose(owner: Owner): void;
  /**
   * Somebody is signing in: what is emitted from now on is that user's. `arrive` asks `isOfToken` whether the current
   * token is that user's.
   */
  expect(isOfToken: () => boolean): void;
  /** Whether it is the owner of a sign-in that has not ended. */
  isExpected(owner: Owner): boolean;
  /** The last sign-in has ended, and those before with it. Answers with the owners whose token is not current. */
  arrive(): readonly Owner[];
  /** The server says that the current token is another user's than the token before, whatever the token says. */
  changeUser(): void;
  /** Nobody is signed in any more: what the server has said of users counts no more. */
  signOut(): void;
}

/** @param isCookie - The credential is a cookie, so that the server has to name the user of each handshake. */
export function createOwners(isCookie: boolean, onCertain: () => void): Owners {
  let ofToken: Owner = {};
  let current = ofToken;
  /** Owners with a name or a hash, of whom something may be left. */
  let known: Owner[] = [];
  let isFirst = true;
  let areNamed = false;
  let expected: { owner: Owner; isOfToken(): boolean }[] = [];

  const settle = (): void => {
    current = ofToken;
    const { name, hash } = rootOf(current);
    known = name === undefined && hash === undefined ? [] : [rootOf(current)];
    onCertain();
  };
  const remember = (owner: Owner): Owner => {
    known.push(owner);
    return owner;
  };
  /** Who is there already of this hash. That nobody was named says nothing. */
  const ofHash = (hash: string | null): Owner | undefined =>
    known.find((each) => hash !== null && each.hash === hash);

  return {
    get current() {
      return expected.at(-1)?.owner ?? current;
    },
    get ofToken() {
      return ofToken;
    },
    get isKnown() {
      const { name, isInDoubt } = rootOf(ofToken);
      return name !== undefined || !(isCookie || areNamed || isInDoubt);
    },
    get areNamed() {
      return areNamed;
    },
    begin(name, isSameText, isRenewal) {
      const before = ofToken;
      if (isFirst) {
        if (name !== undefined) remember(ofToken).name = name;
      } else if (name !== undefined) {
        ofToken = known.find((each) => each.name === name) ?? remember({ name });
      } else if (!isSameText || isCookie || rootOf(before).name !== undefined) {
        ofToken = {};
      }
      isFirst = false;
      if (!isRenewal) current = ofToken;
      // Without a name the server may say that it is the same user: until then everything waits.
      if (name !== undefined || !(areNamed || isRenewal)) settle();
      return !isSame(before, ofToken);
    },
    name(owner, said) {
      const isOfToken = isSame(owner, ofToken);
      if (said !== undefined) areNamed = true;
      const named = rootOf(owner);
      const hash = said ?? null;
      let next = named;
      if (areNamed) {
        const other = ofHash(hash);
        if (named.name !== undefined) named.hash = hash;
        else if (named.hash === undefined && named.isInDoubt) next = other ?? remember({ hash });
        else if (named.hash === undefined) {
          if (other) named.same = other;
          else remember(named).hash = hash;
        } else if (named.hash !== hash) next = other ?? remember({ hash });
      }
      if (isOfToken) {
        ofToken = next;
        settle();
      }
      return next;
    },
    lose(owner) {
      const { name, hash } = rootOf(owner);
      if (name === undefined && hash === undefined) rootOf(owner).isInDoubt = true;
    },
    expect(isOfToken) {
      // Whom the server names from now on may be the one who signs in.
      const before = rootOf(ofToken);
      if (isCookie && !isFirst && before.hash === undefined) before.hash = null;
      expected.push({ owner: {}, isOfToken });
    },
    isExpected: (owner) => expected.some((each) => each.owner === owner),
    arrive() {
      const ended = expected;
      expected = [];
      const gone: Owner[] = [];
      for (const { owner, isOfToken } of ended) {
        if (isOfToken()) owner.same = rootOf(ofToken);
        else gone.push(owner);
      }
      return gone;
    },
    changeUser() {
      const before = rootOf(ofToken);
      // Another token that says the same is the new owner's as well.
      ofToken = before.name === undefined ? {} : { name: before.name };
      areNamed = false;
      settle();
    },
    signOut() {
      for (const each of known) delete each.hash;
      current = ofToken;
      areNamed = false;
    },
  };
}

/** Whether two owners are one, as far as is known. */
export function isSame(one: Owner, other: Owner): boolean {
  return rootOf(one) === rootOf(other);
}

/** Who it is by the client; `undefined` where it does not know. */
export function nameOf(owner: Owner): string | undefined {
  return rootOf(owner).name;
}

/** By which hash the server has named somebody; `undefined` where it has not. */
export function hashOf(owner: Owner): string | undefined {
  return rootOf(owner).hash ?? undefined;
}

function rootOf(owner: Owner): Owner {
  let root = owner;
  while (root.same) root = root.same;
  return root;
}
