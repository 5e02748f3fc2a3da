/** The page's own MD5 is that of Node, whatever the text. */
import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { md5Head } from '../../../src/condition/evaluate/md5.ts';

const head = (text: string): number => createHash('md5').update(text, 'utf8').digest().readUInt32BE(0);

test('every length around the blocks', () => {
  for (let length = 0; length <= 200; length += 1) expect(md5Head('é'.repeat(length))).toBe(head('é'.repeat(length)));
});

test('any text', () => {
  fc.assert(fc.property(fc.string({ unit: 'grapheme', maxLength: 300 }), (text) => md5Head(text) === head(text)));
});
