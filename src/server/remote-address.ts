import { isIPv6 } from "node:net";
import type { HandshakeRequest } from "./socket-io.js";

const GROUPS = 8;
/** A subscriber has at least this much of an IPv6 address to choose from: the other half, a /64. */
const NETWORK_GROUPS = 4;

/**
 * Whom a request comes from, as far as its connection tells: the IPv4 address, or the first half of the IPv6 address.
 * Behind a proxy it is the proxy.
 */
export function remoteAddress({ socket }: HandshakeRequest): string {
  const { remoteAddress: address = "unknown" } = socket;
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (!isIPv6(address)) return address;
  const [head = "", tail] = address.split("%")[0]?.split("::") ?? [];
  const left = head === "" ? [] : head.split(":");
  const right = tail === undefined || tail === "" ? [] : tail.split(":");
  const zeros = Array.from({ length: Math.max(0, GROUPS - left.length - right.length) }, () => "0");
  return `${[...left, ...zeros, ...right].slice(0, NETWORK_GROUPS).join(":")}::/64`;
}
