/**
 * A draft in the part of the address behind `#`, which no server receives. A short one stands there as text, a long one compressed.
 * Owns that format; a link that cannot be read is `undefined` and never an exception.
 */
import { builderJson } from './builder-json.ts';
import { builderTree, type NextId } from './builder-tree.ts';
import type { SegmentDraft } from './segment-draft.ts';

/** A draft, and the version of the segment that it was made of; null for a new segment. */
export interface LinkedDraft {
  readonly draft: SegmentDraft;
  readonly base: number | null;
}

/** Longer ones are compressed. */
const SHORT = 1_500;

interface Written extends Omit<SegmentDraft, 'tree'> {
  readonly base: number | null;
  readonly condition: unknown;
}

function textOf({ draft, base }: LinkedDraft): string {
  const { tree, ...rest } = draft;
  return JSON.stringify({ ...rest, base, condition: builderJson(tree) } satisfies Written);
}

/** The link of a short draft at once; undefined when it must be compressed. */
export function shortLink(linked: LinkedDraft): string | undefined {
  const bytes = new TextEncoder().encode(textOf(linked));
  return bytes.length <= SHORT ? `#d=${base64(bytes)}` : undefined;
}

export async function draftLink(linked: LinkedDraft): Promise<string> {
  const short = shortLink(linked);
  if (short !== undefined) return short;
  return `#z=${base64(await through(new TextEncoder().encode(textOf(linked)), new CompressionStream('deflate-raw')))}`;
}

export function isDraftLink(hash: string): boolean {
  return hash.startsWith('#d=') || hash.startsWith('#z=');
}

/** The draft of a link; undefined when the link is damaged, or of another version of the page. */
export async function readDraftLink(hash: string, nextId: NextId): Promise<LinkedDraft | undefined> {
  if (!isDraftLink(hash)) return undefined;
  try {
    const bytes = fromBase64(hash.slice(3));
    const plain = hash.startsWith('#z=') ? await through(bytes, new DecompressionStream('deflate-raw')) : bytes;
    return linkedOf(JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(plain)), nextId);
  } catch {
    return undefined;
  }
}

const KINDS: readonly unknown[] = ['dynamic', 'static', 'snapshot'];

function linkedOf(json: unknown, nextId: NextId): LinkedDraft | undefined {
  if (typeof json !== 'object' || json === null || !('condition' in json)) return undefined;
  const { kind, key, ownKey, name, description, timezone, tags, of, base, condition } = json as Partial<Written>;
  const areTexts = [key, name, description, timezone, of].every((text) => typeof text === 'string');
  if (!areTexts || !KINDS.includes(kind) || !Array.isArray(tags) || !tags.every((tag) => typeof tag === 'string'))
    return undefined;
  return {
    base: typeof base === 'number' ? base : null,
    draft: {
      kind: kind ?? 'dynamic',
      key: key ?? '',
      ownKey: ownKey === true,
      name: name ?? '',
      description: description ?? '',
      timezone: timezone ?? '',
      tags,
      of: of ?? '',
      tree: builderTree(condition, nextId),
    },
  };
}

async function through(bytes: Uint8Array<ArrayBuffer>, by: CompressionStream | DecompressionStream) {
  return new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(by)).arrayBuffer());
}

function base64(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += 0x8000) text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  return btoa(text).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/')), (one) => one.codePointAt(0) ?? 0);
}
