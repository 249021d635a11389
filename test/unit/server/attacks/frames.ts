/** Answers with one of the values. */
export type Pick = <T>(values: readonly T[]) => T;

export function pickBy(random: () => number): Pick {
  return (values) => {
    const value = values[Math.floor(random() * values.length)];
    if (value === undefined) throw new Error("There is nothing to pick from.");
    return value;
  };
}

const deep = (open: string, close: string): string => open.repeat(5_000) + close.repeat(5_000);
const long = (length: number): string => "x".repeat(length);

/** Engine.IO's packet types, and what is none. */
const ENGINE = ["4", "4", "4", "4", "0", "1", "2", "3", "5", "6", "7", "b", "", " ", "\u0000", "44", "4\n4"];
/** Socket.IO's, and what is none. */
const TYPES = ["0", "0", "0", "1", "2", "3", "4", "5", "6", "7", "9", "-1", "", "00", "x", "٠"];
const ATTACHMENTS = ["", "", "", "0-", "1-", "51-", "99999999999999999999-", "-1-", "1.5-", "NaN-", "1"];
const NAMESPACES = [
  ...["", "/rotor,", "/rotor", "/,", "/room-1,", "/room-1?token=x,", "//,", "/rotor/,", "/ROTOR,"],
  ...["/__proto__,", "/constructor,", "/toString,", "/\u0000,", "/%2e%2e,", "/\ud800,", "/😀,", ","],
  `/${long(1_001)},`,
  `/${long(100_000)},`,
];
const IDS = ["", "", "", "0", "1", "-1", "9007199254740993", "99999999999999999999999", "1e9", "0x1"];
const PAYLOADS = [
  ...["", "{", "}", "[", "]", "null", "true", "0", "-", '"', '"x"', "[]", "{}", "{}{}", "undefined", "NaN"],
  ...['{"token":null}', '{"token":7}', '{"token":{}}', '{"token":[]}', '{"token":""}', '{"token":"bad"}'],
  ...[
    '{"token":{"length":3}}',
    '{"token":["bad"]}',
    '{"token":true}',
    '{"Token":"bad"}',
    '{"token":"\\ud800"}',
  ],
  ...['{"__proto__":{"token":"bad"}}', '{"constructor":{"prototype":{"token":"bad"}}}', '{"toString":1}'],
  ...['{"token":"bad","pid":"p","offset":"o"}', '{"pid":{},"offset":[]}', '{"pid":"__proto__","offset":"0"}'],
  ...['{"hasOwnProperty":1,"token":"bad"}', '{"token":"bad","then":1}', '{"then":{},"token":"bad"}'],
  ...[
    '["connect"]',
    '["disconnect"]',
    '["error"]',
    '["newListener"]',
    '["reauthenticate",{"auth":{"token":"bad"}}]',
  ],
  ...[
    '["sync"]',
    "[null]",
    "[{}]",
    "[7,8]",
    '{"_placeholder":true,"num":0}',
    '[{"_placeholder":true,"num":-1}]',
  ],
  ...['["x",{"_placeholder":true,"num":1e9}]', '{"token":{"_placeholder":true,"num":0}}'],
  `{"token":"${long(8_193)}"}`,
  `{"token":"${long(500_000)}"}`,
  `{"${long(10_000)}":1}`,
  deep("[", "]"),
  deep('{"a":', "}"),
];

/**
 * A first frame that no client of Socket.IO would send: pieces that do not fit, or a good CONNECT with a wrong token and
 * some letters changed; now and then bytes.
 */
export function malformedFrame(random: () => number): string | Buffer {
  const pick = pickBy(random);
  const choice = random();
  if (choice < 0.1)
    return Buffer.from(Array.from({ length: Math.floor(random() * 64) }, () => random() * 256));
  if (choice < 0.6) {
    return [ENGINE, TYPES, ATTACHMENTS, NAMESPACES, IDS, PAYLOADS].map((pieces) => pick(pieces)).join("");
  }
  let frame = `40${pick(["", "/rotor,", "/room-1,"])}{"token":"bad"}`;
  for (let change = 0; change < 1 + random() * 3; change += 1) {
    const at = Math.floor(random() * (frame.length + 1));
    const letter = pick(["", "{", "}", '"', ",", "0", "/", "\\", "\u0000", "-", "4", "😀"]);
    frame = frame.slice(0, at) + letter + frame.slice(at + Math.floor(random() * 2));
  }
  return frame;
}
