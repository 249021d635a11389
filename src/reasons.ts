/** Why a socket was disconnected, in fixed words with which code compares: Socket.IO's, and ours. */
export const REASONS = {
  "io server disconnect": true,
  "io client disconnect": true,
  "ping timeout": true,
  "transport close": true,
  "transport error": true,
  "parse error": true,
  "forced close": true,
  "token rotation": true,
} as const;
