import { hash, randomBytes } from 'node:crypto';

/** A fresh secret: 192 random bits. It is shown once and stored only as its hash. */
export function newApiKey(mode: 'test' | 'live'): string {
  return `sk_${mode}_${randomBytes(24).toString('hex')}`;
}

/** The secrets are random and long, so a plain hash cannot be guessed back; a slow one would only slow every request. */
export function hashApiKey(secret: string): Buffer {
  return hash('sha256', secret, 'buffer');
}

/** What a key begins with, which its hint shows. */
export function modeOf(hint: string): 'test' | 'live' {
  return hint.startsWith('sk_live_') ? 'live' : 'test';
}

/** As much of a key as may be shown: enough to tell one's keys apart. */
export function apiKeyHint(secret: string): string {
  return `${secret.slice(0, 8)}…${secret.slice(-4)}`;
}
