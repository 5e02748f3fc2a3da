/** The page of a person who is not signed in: how to sign in. */
import type { ApiFailure } from '../client/api-failure.ts';

/** What the refusal says of the way in. */
interface WayIn {
  readonly auth: 'loopback' | 'proxy' | 'oidc';
  /** Where a browser signs in; null: it cannot by itself. */
  readonly sign_in: string | null;
}

export function SignInPage({ failure }: { readonly failure: ApiFailure }) {
  const { auth, sign_in: signIn } = wayInOf(failure.data);
  const address = location.pathname + location.search;
  return (
    <main class="frame">
      <div class="head">
        <h1>segmentd</h1>
      </div>
      <p>You are not signed in.</p>
      {signIn !== null && (
        <p>
          {/* No server receives a draft: this tab keeps it for the builder. */}
          <a
            class="button"
            href={`${signIn}?to=${encodeURIComponent(address)}`}
            onClick={() => (sessionStorage[address] = location.hash)}
          >
            Sign in
          </a>
        </p>
      )}
      <ul>
        {auth === 'loopback' && (
          <li>
            Open the link that <code>segmentd serve</code> printed. It works once; a new start prints a new one.
          </li>
        )}
        {auth === 'proxy' && <li>Open this page at its own address, through the proxy that signs you in.</li>}
        <li>
          A program sends <code>Authorization: Bearer TOKEN</code>. <code>segmentd token add NAME</code> makes a token.
        </li>
      </ul>
      <p>
        <a href="/api/v1/openapi.json">/api/v1/openapi.json</a> describes every address. It needs no sign-in.
      </p>
    </main>
  );
}

function wayInOf(data: unknown): WayIn {
  const { auth, sign_in } = (data ?? {}) as Partial<WayIn>;
  return { auth: auth ?? 'loopback', sign_in: sign_in ?? null };
}
