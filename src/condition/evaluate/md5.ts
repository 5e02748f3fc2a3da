/** MD5 (RFC 1321) of a text's UTF-8 bytes: a page has no other. For buckets only; MD5 protects nothing. Pure. */

const SHIFTS = [
  [7, 12, 17, 22],
  [5, 9, 14, 20],
  [4, 11, 16, 23],
  [6, 10, 15, 21],
] as const;

/** Which of the 16 words each step of a round reads. */
const ORDERS = [
  (step: number): number => step,
  (step: number): number => (5 * step + 1) % 16,
  (step: number): number => (3 * step + 5) % 16,
  (step: number): number => (7 * step) % 16,
] as const;

const MIXES = [
  (b: number, c: number, d: number): number => (b & c) | (~b & d),
  (b: number, c: number, d: number): number => (b & d) | (c & ~d),
  (b: number, c: number, d: number): number => b ^ c ^ d,
  (b: number, c: number, d: number): number => c ^ (b | ~d),
] as const;

const SINES = Array.from({ length: 64 }, (_, step) => Math.floor(Math.abs(Math.sin(step + 1)) * 2 ** 32));

/** The 16 bytes of the hash as four words of 32 bits, the first byte of each lowest. */
function md5Words(text: string): readonly number[] {
  const bytes = new TextEncoder().encode(text);
  const blocks = Math.ceil((bytes.length + 9) / 64);
  const padded = new DataView(new ArrayBuffer(blocks * 64));
  for (const [at, byte] of bytes.entries()) padded.setUint8(at, byte);
  padded.setUint8(bytes.length, 0x80);
  padded.setBigUint64(blocks * 64 - 8, BigInt(bytes.length) * 8n, true);
  let state: readonly [number, number, number, number] = [0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476];
  for (let block = 0; block < blocks; block += 1) {
    let [a, b, c, d] = state;
    for (let step = 0; step < 64; step += 1) {
      const round = (step >> 4) as 0 | 1 | 2 | 3;
      const word = padded.getUint32(block * 64 + 4 * ORDERS[round](step), true);
      const turned = (a + MIXES[round](b, c, d) + (SINES[step] ?? 0) + word) | 0;
      const by = SHIFTS[round][(step % 4) as 0 | 1 | 2 | 3];
      [a, d, c, b] = [d, c, b, (b + ((turned << by) | (turned >>> (32 - by)))) | 0];
    }
    state = [(state[0] + a) | 0, (state[1] + b) | 0, (state[2] + c) | 0, (state[3] + d) | 0];
  }
  return state;
}

/** The first eight hex digits of the hash as an unsigned number, 0 … 2^32 - 1. */
export function md5Head(text: string): number {
  const first = new DataView(new ArrayBuffer(4));
  first.setInt32(0, md5Words(text)[0] ?? 0, true);
  return first.getUint32(0, false);
}
