import type { X509Certificate } from 'node:crypto';
import type { Answer } from './answer.js';
import { certificatesIn } from './certificates.js';
import type { Unsettled } from './outcomes.js';

export const DOWNLOAD_API = 'alipay.open.app.alipaycert.download';

/** The certificate that was asked for, and what leads from it to a root; or why there is none. */
export type Download =
  | { readonly kind: 'certificates'; readonly certificates: readonly X509Certificate[] }
  | { readonly kind: 'failed'; readonly cause: string };

/**
 * The certificates in Alipay's answer. It is the one answer whose success needs no signature, and usually has none: what it brings is
 * believed for its own chain of signatures or not at all.
 * Source: Alipay, `alipay.open.app.alipaycert.download`.
 */
export function downloaded(reply: Answer | Unsettled): Download {
  if (reply.kind !== 'answer') return failed(reply.kind === 'unknown' ? reply.cause : reply.reason);
  const content = reply.text('code') === '10000' ? reply.text('alipay_cert_content') : undefined;
  if (content === undefined) return failed(reply.reason);
  const certificates = certificatesIn(Buffer.from(content, 'base64').toString('latin1'));
  return certificates === undefined ? failed('Alipay gave no certificate that can be read') : { kind: 'certificates', certificates };
}

function failed(cause: string): Download {
  return { kind: 'failed', cause: `Alipay's certificate could not be fetched: ${cause}` };
}
