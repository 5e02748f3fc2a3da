/** What an OpenID provider says of a person. Pure. */
export type Claims = Readonly<Record<string, unknown>> & { readonly sub: string };

/** Characters of a name. */
const LONGEST = 200;

/** The values of a claim; a dot leads into an object. A text is a list of one. */
export function claimList(claims: Claims, path: string): readonly string[] {
  // Providers have claims whose name is an address with dots.
  const found = claims[path] ?? path.split('.').reduce<unknown>(inside, claims);
  const values: readonly unknown[] = Array.isArray(found) ? found : [found];
  return values.filter((value) => typeof value === 'string');
}

function inside(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Readonly<Record<string, unknown>>)[name]
    : undefined;
}

/** The name of a person: the claim, else the user name, else the subject. An address that the provider has not verified is no name. */
export function nameOfClaims(claims: Claims, claim: string): string {
  const isVerified = claim !== 'email' || claims['email_verified'] !== false;
  const names = [isVerified ? claims[claim] : undefined, claims['preferred_username'], claims.sub];
  return names.find(isName) ?? claims.sub;
}

function isName(value: unknown): value is string {
  return typeof value === 'string' && value.trim() !== '' && value.length <= LONGEST && !/\p{Cc}/u.test(value);
}
