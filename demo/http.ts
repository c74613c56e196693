import { StepFailed } from './failures.js';

/** Longer than the program itself waits for a gateway. */
const PATIENCE_MS = 20_000;

/** `fetch`, whose failures say in one line who did not answer, and what to do about it. */
export async function request(
  url: string,
  who: { readonly name: string; readonly hint: string },
  init: RequestInit = {},
): Promise<Response> {
  try {
    return await fetch(url, { ...init, signal: AbortSignal.timeout(PATIENCE_MS) });
  } catch (error) {
    throw new StepFailed(`${who.name} does not answer at ${new URL(url).origin} (${causeOf(error)}). ${who.hint}`);
  }
}

function causeOf(error: unknown): string {
  const { cause, message } = error as { cause?: { code?: unknown; errors?: { code?: unknown }[] }; message?: unknown };
  const code = cause?.code ?? cause?.errors?.[0]?.code ?? message;
  return typeof code === 'string' ? code : 'no answer';
}
