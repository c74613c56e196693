import { createHash } from 'node:crypto';
import { gunzipSync } from 'node:zlib';

/** In bytes, uncompressed: about a million rows. More than that is not taken into memory. */
const LONGEST_BILL = 256 * 1024 * 1024;

/** What `GET /v3/bill/…` says, signed, of the file that is then downloaded unsigned. */
export interface BillFileDescription {
  readonly hashType: string;
  readonly hashValue: string;
  /** True where the bill was asked for with `tar_type=GZIP`. */
  readonly compressed: boolean;
}

/**
 * The text of a downloaded bill whose hash fits, or why it is not to be used. The hash is over the uncompressed file, and
 * it is the only thing that ties the file to a signed answer. Source: WeChat Pay, documents under "bills".
 */
export function readBillFile(
  bytes: Buffer,
  { hashType, hashValue, compressed }: BillFileDescription,
  longest = LONGEST_BILL,
): { readonly text: string } | { readonly problem: string } {
  if (hashType !== 'SHA1') return { problem: 'the hash is none that is known' };
  const file = compressed ? unzip(bytes, longest) : bytes;
  if (file === undefined || file.length > longest) return { problem: 'the file cannot be unzipped, or is too long' };
  if (createHash('sha1').update(file).digest('hex') !== hashValue.toLowerCase()) return { problem: 'the hash does not fit' };
  try {
    return { text: new TextDecoder('utf-8', { fatal: true }).decode(file) };
  } catch {
    return { problem: 'the file is not UTF-8' };
  }
}

function unzip(bytes: Buffer, longest: number): Buffer | undefined {
  try {
    return gunzipSync(bytes, { maxOutputLength: longest });
  } catch {
    return undefined;
  }
}
