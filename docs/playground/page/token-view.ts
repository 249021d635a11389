import type { Known } from "../events.js";
import { byId, element } from "./dom.js";
import type { PlaygroundConnection } from "./playground-connection.js";
import { followServed } from "./served-token.js";
import { readSettings } from "./settings.js";
import { factsOf, readStoredToken, type TokenFacts } from "./stored-token.js";

/** Buttons that do nothing while there is no token. */
const OF_A_TOKEN = ["refresh", "expire", "revoke", "end-session"];

/**
 * Shows who is signed in, which token is in storage, how long it lives, and which one the server knows.
 *
 * @returns looks at the storage and at the clock; to be called again and again
 */
export function showToken(connection: PlaygroundConnection): () => void {
  const user = byId("session-user", HTMLElement);
  const stored = byId("token-stored", HTMLElement);
  const served = byId("token-served", HTMLElement);
  const socketId = byId("socket-id", HTMLElement);
  const node = byId("node", HTMLElement);
  const kick = byId("kick", HTMLButtonElement);
  const bar = byId("life-bar", HTMLElement);
  const lifeWords = byId("life-words", HTMLElement);
  const ofToken = OF_A_TOKEN.map((id) => byId(id, HTMLButtonElement));
  const isCookie = readSettings().credential === "cookie";
  let token: string | null | undefined;
  let facts: TokenFacts | undefined;
  /** The last user that the server named: a page cannot read the cookie. */
  let named: string | undefined;

  const showServed = (known: Known | undefined) => {
    const nothing = element("span", "quiet", "none");
    served.replaceChildren(...(known === undefined ? [nothing] : credentialOf(known)));
    socketId.textContent = known?.socketId ?? "none";
    node.textContent = known?.node === undefined ? "" : `on node ${known.node}`;
    kick.disabled = known === undefined;
    named = known?.user ?? named;
    if (isCookie) showSession();
  };

  const showSession = () => {
    const isSignedOut = connection.getSnapshot().status === "loggedOut";
    if (isSignedOut) named = undefined;
    user.textContent =
      named !== undefined
        ? `Signed in as ${named}.`
        : isSignedOut
          ? "Nobody is signed in."
          : "Asking the server who is signed in.";
  };

  const showLife = () => {
    if (isCookie) return;
    const span = facts?.life;
    const left = span === undefined ? 0 : span.to - Date.now();
    const share = span === undefined ? 0 : Math.min(1, Math.max(0, left / (span.to - span.from)));
    bar.style.width = `${(share * 100).toFixed(1)}%`;
    bar.classList.toggle("short", share < 0.25);
    lifeWords.textContent = lifeInWords(token ?? null, facts, left);
    const { status, detail } = connection.getSnapshot();
    user.textContent = sessionInWords(facts, status === "loggedOut" && detail === "rejected");
  };

  const look = async () => {
    const found = readStoredToken();
    if (found === token) return;
    token = found;
    for (const button of ofToken) button.disabled = found === null;
    const known = found === null ? undefined : await factsOf(found);
    // Only the newest answer counts.
    if (found !== token) return;
    facts = known;
    const nothing = element("span", "quiet", "none");
    stored.replaceChildren(
      ...(facts === undefined ? [nothing] : [chip(facts.fingerprint), ` ${facts.user}`]),
    );
    document.title = facts === undefined ? "socket-rotor playground" : `${facts.user} · socket-rotor`;
    showLife();
  };

  if (isCookie) {
    byId("stored", HTMLElement).hidden = true;
    lifeWords.textContent = "The cookie: no script can read it";
    bar.parentElement?.remove();
    connection.subscribe(showSession);
  }
  showServed(undefined);
  followServed(connection, showServed);

  return () => {
    if (!isCookie) void look();
    showLife();
  };
}

const credentialOf = ({ fingerprint, user }: Known): (Node | string)[] =>
  fingerprint === "" ? [`the session of ${user}`] : [chip(fingerprint), ` ${user}`];

/** A fingerprint with a colour of its own, so that a change catches the eye. */
function chip(fingerprint: string): HTMLElement {
  const swatch = element("span", "swatch");
  swatch.style.setProperty("--hue", String(Number.parseInt(fingerprint.slice(0, 4), 16) % 360 || 0));
  return element("code", "chip", swatch, fingerprint);
}

function sessionInWords(facts: TokenFacts | undefined, isRejected: boolean): string {
  if (facts === undefined) return "Nobody is signed in.";
  if (facts.life === undefined) return "The storage holds something that is no token.";
  return isRejected ? `The token of ${facts.user} is rejected.` : `Signed in as ${facts.user}.`;
}

function lifeInWords(token: string | null, facts: TokenFacts | undefined, left: number): string {
  if (token === null) return "No token";
  if (facts?.life === undefined) return "It says nothing about its life";
  const total = Math.round((facts.life.to - facts.life.from) / 1_000);
  return left > 0
    ? `Good for ${Math.ceil(left / 1_000)} of ${total} s`
    : `Expired ${Math.floor(-left / 1_000)} s ago`;
}
