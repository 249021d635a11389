import type { ConnectionError } from "../errors.js";
import type { Log } from "../logger.js";
import type { Failures } from "../redaction/failures.js";
import { field } from "../value.js";
import { engineError, UNKNOWN_REFUSAL } from "../words/messages.js";
import { type Classify, classify, codeOf, type Refusal } from "./classify.js";
import type { LinkEvent } from "./io-adapter.js";

/** Socket.IO's own words for a namespace that does not exist. */
export const NO_NAMESPACE = "Invalid namespace";

type Refused = Extract<LinkEvent, { type: "refused" }>;

/** What a refusal means, and its error, without any token in it. */
export type ReadRefusal = Omit<Refused, "type">;

/** Reads what a server refuses: parsed, cleared of tokens and classified in one place. */
export interface Refusals {
  /**
   * The refusal of a namespace, a `goodbye`, or the answer no to another token.
   *
   * @param cause - The error by which it came.
   */
  read(message: string, data: unknown, cause?: Error): ReadRefusal;
  /** The end of a handshake before Socket.IO has spoken. */
  readEngine(error: Error): Refused | Extract<LinkEvent, { type: "failed" }>;
}

export interface RefusalParts extends Pick<Failures, "make"> {
  classify: Classify | undefined;
  log: Log;
}

/** So many different unknown refusals are logged: a server may put a number of its own into each. */
const LIMIT = 10;
/** How much of a server's words stands in a line, in characters. */
const LONGEST = 200;

export function createRefusals({ make, classify: custom, log }: RefusalParts): Refusals {
  const said = new Set<string>();
  /** Unknown refusals count as outages, and are tried again for ever: without a line nobody would know why. */
  const warnOfUnknown = ({ message, reason }: ConnectionError): void => {
    const words = [message, ...(reason === undefined ? [] : [reason])]
      .map((text) => JSON.stringify(text.slice(0, LONGEST)))
      .join(", ");
    if (said.size >= LIMIT || said.has(words)) return;
    said.add(words);
    const end = said.size === LIMIT ? " Further ones are not logged." : "";
    log.warn(`The server refuses for an unknown reason: ${words}. ${UNKNOWN_REFUSAL}${end}`);
  };
  const decide = (refusal: Refusal) => {
    let isKnown = true;
    const classified = classify(refusal, custom, () => {
      isKnown = false;
    });
    return { isKnown, classified };
  };
  return {
    read(message, data, cause) {
      const { isKnown, classified } = decide({ message, data });
      const error = make("ERR_REFUSED", message, { cause, data, reason: codeOf(data) });
      // A namespace that does not exist has a warning of its own.
      if (!isKnown && message !== NO_NAMESPACE) warnOfUnknown(error);
      return { ...classified, error };
    },
    readEngine(cause) {
      const description = field(cause, "description");
      // A status of 0 is that of a request without an answer; over websocket there is none.
      const status =
        typeof description === "number" && description > 0 && !cause.message.includes("websocket")
          ? description
          : undefined;
      const message = engineError(cause, status) || cause.message;
      const { isKnown, classified } = decide(status === undefined ? { message } : { message, status });
      if (classified.verdict === "retry") {
        const error = make("ERR_TRANSPORT", message, { cause, status });
        if (!isKnown && isRefusal(status)) warnOfUnknown(error);
        return { type: "failed", error };
      }
      const error = make("ERR_REFUSED", `The server refused the handshake: ${message}`, { cause, status });
      return { type: "refused", ...classified, error };
    },
  };
}

/** Whether an HTTP status says that this handshake is not wanted, and not that it comes at a bad time. */
function isRefusal(status: number | undefined): boolean {
  return status !== undefined && status >= 400 && status < 500 && ![408, 425, 429].includes(status);
}
