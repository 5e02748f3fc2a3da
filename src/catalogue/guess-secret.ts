/**
 * Columns that `segmentd init` leaves out: what looks like a secret by its name, and bytes. A guess: a person reads the
 * result before it counts. Pure.
 */
import { wordsOf } from './identifier-word.ts';
import type { SurveyColumn, SurveyTable } from './survey.ts';

const SECRET_WORDS: ReadonlySet<string> = new Set([
  'password',
  'passwd',
  'passphrase',
  'passcode',
  'pwd',
  'secret',
  'secrets',
  'token',
  'tokens',
  'hash',
  'hashed',
  'salt',
  'otp',
  'totp',
  'hotp',
  'mfa',
  'jwt',
  'hmac',
  'digest',
  'cipher',
  'ciphertext',
  'encrypted',
  'apikey',
  'apikeys',
  'credential',
  'credentials',
  'privatekey',
  'pincode',
  'nonce',
  'csrf',
  'webauthn',
  'passkey',
  'pass',
  'cryptedpassword',
  'passwordhash',
  'passwordsalt',
  'pw',
  'authtoken',
  'accesstoken',
  'refreshtoken',
]);

/** Numbers may be these too; of the words above a number is a count or a version. */
const PERSONAL_WORDS: ReadonlySet<string> = new Set([
  'ssn',
  'iban',
  'cvv',
  'cvc',
  'pin',
  'otp',
  'sin',
  'nin',
  'taxid',
  'passport',
  'pan',
  'cardnumber',
  'creditcard',
]);

const SECRET_PHRASES =
  /\b(api|private|secret|access|auth|encryption|signing|master|session|license|ssh|gpg|pgp) keys?\b|\b(recovery|backup|verification|confirmation|security|reset|login|auth) codes?\b|\bsecurity (answer|stamp)\b|\b(two|2) ?factor\b|\b2fa\b/;
const PERSONAL_PHRASES =
  /\b(card|account|routing|passport|social security|national insurance|bank account|credit card) (number|no|num)\b|\b(credit card|tax id|national id|social security)\b/;

/** Types of which a secret has none: facts about a secret, such as `password_changed_at` and `has_password`. */
const FACT_TYPES: ReadonlySet<string> = new Set([
  'bool',
  'date',
  'time',
  'timetz',
  'timestamp',
  'timestamptz',
  'interval',
]);
const NUMBER_TYPES: ReadonlySet<string> = new Set(['int2', 'int4', 'int8', 'numeric', 'float4', 'float8']);

export interface SecretColumn {
  readonly column: string;
  readonly reason: 'looks secret' | 'holds bytes';
}

/** Why a column stays out, or undefined. */
export function secretReason(column: Pick<SurveyColumn, 'name' | 'base'>): SecretColumn['reason'] | undefined {
  const words = wordsOf(column.name);
  const phrase = words.join(' ');
  const { name: type } = column.base;
  if (FACT_TYPES.has(type)) return undefined;
  const personal = PERSONAL_PHRASES.test(phrase) || words.some((word) => PERSONAL_WORDS.has(word));
  const secret =
    !NUMBER_TYPES.has(type) && (SECRET_PHRASES.test(phrase) || words.some((word) => SECRET_WORDS.has(word)));
  if (personal || secret) return 'looks secret';
  return type === 'bytea' ? 'holds bytes' : undefined;
}

/** @param kept columns that the proposal names: the key, links and times stay fields */
export function secretColumns(table: SurveyTable, kept: ReadonlySet<string>): readonly SecretColumn[] {
  return [...table.columns.values()].flatMap((column) => {
    const reason = kept.has(column.name) || !column.readable ? undefined : secretReason(column);
    return reason === undefined ? [] : [{ column: column.name, reason }];
  });
}
