import type { SigningKey } from './apps.js';
import { rsa2 } from './signing.js';

export type Fields = Readonly<Record<string, unknown>>;

export function answerNode(method: string): string {
  return `${method.replaceAll('.', '_')}_response`;
}

/**
 * The whole body of an answer: the signature covers the node's text exactly as it stands here. Between both stands the number of the
 * certificate to verify it with, where the app works with certificates.
 */
export function answerText(node: string, fields: Fields, key: SigningKey | null): string {
  // Alipay escapes slashes. Who parses and writes the JSON anew before verifying finds out here, not in production.
  const text = JSON.stringify(fields).replaceAll('/', '\\/');
  if (key === null) return `{"${node}":${text}}`;
  const certificate = key.certificateSn === null ? '' : `"alipay_cert_sn":"${key.certificateSn}",`;
  return `{"${node}":${text},${certificate}"sign":"${rsa2(text, key.privateKey)}"}`;
}
