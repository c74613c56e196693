import { sign as signWithCallback, verify as verifyWithCallback, type KeyObject } from 'node:crypto';

/** SHA256withRSA, PKCS#1 v1.5: all three gateways sign with it. Pinned here, whatever a message says of itself. */
const ALGORITHM = 'RSA-SHA256';

/** In bits. */
const SHORTEST_KEY = 2048;

/** A key of RSA that is long enough to believe what it signs. */
export function isUsable({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): boolean {
  return asymmetricKeyType === 'rsa' && (asymmetricKeyDetails?.modulusLength ?? 0) >= SHORTEST_KEY;
}

/** The signature of a text in UTF-8, or of bytes, in base64. Made on the thread pool: it takes longer than most requests do. */
export async function sign(content: string | Buffer, privateKey: KeyObject): Promise<string> {
  const bytes = Buffer.from(content);
  await endOfTurn();
  return new Promise((resolve, reject) => {
    signWithCallback(ALGORITHM, bytes, privateKey, (error, signature) => {
      if (error === null) resolve(signature.toString('base64'));
      else reject(error);
    });
  });
}

/** True only for a signature of exactly these bytes, written in canonical base64. Never throws. */
export async function verify(content: string | Buffer, signature: string, publicKey: KeyObject): Promise<boolean> {
  const bytes = Buffer.from(signature, 'base64');
  // Node skips what is no base64 and ignores spare bits, so that several texts would name one signature.
  if (bytes.length === 0 || bytes.toString('base64') !== signature) return false;
  const signed = typeof content === 'string' ? Buffer.from(content) : content;
  await endOfTurn();
  return new Promise((resolve) => {
    verifyWithCallback(ALGORITHM, signed, publicKey, bytes, (error, fits) => resolve(error === null && fits));
  });
}

let turn: Promise<void> | undefined;

/**
 * What is asked for in one turn of the event loop begins at its end, one right after the other: to wake up a thread of the pool for
 * each would take as long as to verify it here.
 */
function endOfTurn(): Promise<void> {
  turn ??= new Promise((begin) => {
    setImmediate(() => {
      turn = undefined;
      begin();
    });
  });
  return turn;
}
