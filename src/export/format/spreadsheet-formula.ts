/**
 * Which texts a spreadsheet would run as a formula (OWASP "CSV injection"), full-width forms included: spreadsheets
 * fold them. Pure; it works on bytes because a file has millions of values.
 */

const LF = 0x0a;
const CR = 0x0d;
const TAB = 0x09;
/** UTF-8 of what begins a formula: = + - @, their full-width and small forms, the minus sign. */
const FORMULA = ['=', '+', '-', '@', '＝', '＋', '－', '＠', '﹦', '﹢', '﹣', '﹫', '−'].map((sign) =>
  Buffer.from(sign),
);
/** What a spreadsheet may trim before it looks: spaces of several kinds, and marks that show nothing. */
const BLANK = [' ', '\u00a0', '\u3000', '\u200b', '\ufeff', '\u2007', '\u202f'].map((blank) => Buffer.from(blank));
/** The first bytes of all of these, and control characters: most values begin with none of them. */
const SUSPECT = new Uint8Array(256);
for (const byte of [TAB, CR, LF, ...[...FORMULA, ...BLANK].map((text) => text[0] ?? 0)]) SUSPECT[byte] = 1;

/**
 * Whether the value that begins at `start` would be run as a formula. Reads on until a byte decides.
 * @param quoted whether the value is in quotes: only such a value can hold a line end
 */
export function isFormula(input: Buffer, start: number, quoted: boolean): boolean {
  if (SUSPECT[input[start] ?? 0] === 0) return false;
  const isControl = (byte: number | undefined): boolean => byte === TAB || (quoted && (byte === CR || byte === LF));
  if (isControl(input[start])) return true;
  for (let at = start; at < input.length;) {
    if (FORMULA.some((sign) => startsWith(input, at, sign))) return true;
    const blank = BLANK.find((one) => startsWith(input, at, one));
    if (!blank && !isControl(input[at])) return false;
    at += blank?.length ?? 1;
  }
  return false;
}

function startsWith(input: Buffer, at: number, sign: Buffer): boolean {
  if (input[at] !== sign[0]) return false;
  for (let index = 1; index < sign.length; index += 1) if (input[at + index] !== sign[index]) return false;
  return true;
}
