import type { KeyObject } from 'node:crypto';
import { rsa2 } from './signing.js';

export type Fields = Readonly<Record<string, unknown>>;

export function answerNode(method: string): string {
  return `${method.replaceAll('.', '_')}_response`;
}

/** The whole body of an answer: the signature covers the node's text exactly as it stands here. */
export function answerText(node: string, fields: Fields, key: KeyObject | null): string {
  // Alipay escapes slashes. Who parses and writes the JSON anew before verifying finds out here, not in production.
  const text = JSON.stringify(fields).replaceAll('/', '\\/');
  return key === null ? `{"${node}":${text}}` : `{"${node}":${text},"sign":"${rsa2(text, key)}"}`;
}
