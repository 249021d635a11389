import type { Known } from "../events.js";
import { byId, element } from "./dom.js";
import type { PlaygroundConnection } from "./playground-connection.js";
import { followServed } from "./served-token.js";
import { readSettings } from "./settings.js";
import { factsOf, readStoredToken, type TokenFacts } from "./stored-token.js";

/** Buttons that do nothing while there is no token. */
const OF_A_TOKEN = ["refresh", "expire", "audience", "revoke", "kick", "end-session"];

/**
 * Shows which token is in storage, how long it lives, and which one the server has seen.
 *
 * @returns looks at the storage and at the clock; to be called again and again
 */
export function showToken(connection: PlaygroundConnection): () => void {
  const user = byId("session-user", HTMLElement);
  const stored = byId("token-stored", HTMLElement);
  const served = byId("token-served", HTMLElement);
  const socketId = byId("socket-id", HTMLElement);
  const node = byId("node", HTMLElement);
  const bar = byId("life-bar", HTMLElement);
  const lifeWords = byId("life-words", HTMLElement);
  const ofToken = OF_A_TOKEN.map((id) => byId(id, HTMLButtonElement));
  const isCookie = readSettings().credential === "cookie";
  let token: string | null | undefined;
  let facts: TokenFacts | undefined;

  const showServed = (known: Known | undefined) => {
    served.replaceChildren(
      ...(known === undefined
        ? [element("span", "quiet", "none")]
        : known.fingerprint === ""
          ? [`the session of ${known.user}`]
          : [chip(known.fingerprint), ` ${known.user}`]),
    );
    if (isCookie)
      user.textContent = known === undefined ? "Connected as nobody." : `Signed in as ${known.user}.`;
    socketId.textContent = known?.socketId ?? "none";
    node.textContent = known?.node === undefined ? "" : `on node ${known.node}`;
  };

  const showLife = () => {
    const span = facts?.life;
    const left = span === undefined ? 0 : span.to - Date.now();
    const share = span === undefined ? 0 : Math.min(1, Math.max(0, left / (span.to - span.from)));
    bar.style.width = `${(share * 100).toFixed(1)}%`;
    bar.classList.toggle("short", share < 0.25);
    lifeWords.textContent = isCookie
      ? "How long the session lasts, only the server knows."
      : lifeInWords(token ?? null, facts, left);
  };

  const showStored = () => {
    if (isCookie) {
      stored.textContent = "a marker, no secret";
      return;
    }
    user.textContent = sessionInWords(facts);
    stored.replaceChildren(
      ...(facts === undefined
        ? [element("span", "quiet", "none")]
        : [chip(facts.fingerprint), ` ${facts.user}`]),
    );
    document.title = facts === undefined ? "socket-rotor playground" : `${facts.user} · socket-rotor`;
    showLife();
  };

  const look = async () => {
    if (isCookie) return;
    const found = readStoredToken();
    if (found === token) return;
    token = found;
    for (const button of ofToken) button.disabled = found === null;
    const known = found === null ? undefined : await factsOf(found);
    // Only the newest answer counts.
    if (found !== token) return;
    facts = known;
    showStored();
  };

  showStored();
  showServed(undefined);
  followServed(connection, showServed);

  return () => {
    void look();
    showLife();
  };
}

/** A fingerprint with a colour of its own, so that a change catches the eye. */
function chip(fingerprint: string): HTMLElement {
  const swatch = element("span", "swatch");
  swatch.style.setProperty("--hue", String(Number.parseInt(fingerprint.slice(0, 4), 16) % 360 || 0));
  return element("code", "chip", swatch, fingerprint);
}

function sessionInWords(facts: TokenFacts | undefined): string {
  if (facts === undefined) return "Nobody is signed in.";
  return facts.life === undefined
    ? "The storage holds something that is no token."
    : `Signed in as ${facts.user}.`;
}

function lifeInWords(token: string | null, facts: TokenFacts | undefined, left: number): string {
  if (token === null) return "No token.";
  if (facts?.life === undefined) return "Says nothing about its life.";
  const total = Math.round((facts.life.to - facts.life.from) / 1_000);
  return left > 0
    ? `${Math.ceil(left / 1_000)} s of ${total} s left`
    : `Ran out ${Math.floor(-left / 1_000)} s ago: the next handshake with it is refused.`;
}
