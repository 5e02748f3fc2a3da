/** Secrets that open a door: made at random, shown once, stored as a hash. Pure but for the randomness. */
import { createHash, randomBytes } from 'node:crypto';

/** 256 bits cannot be guessed, so a fast hash is enough. */
const BYTES = 32;

/** @param prefix names the kind, so that a scanner for leaked secrets can find it */
export function newCredential(prefix = ''): string {
  return prefix + randomBytes(BYTES).toString('base64url');
}

/** What is stored and looked up. */
export function credentialHash(credential: string): string {
  return createHash('sha256').update(credential).digest('hex');
}
