import { inflateSync } from 'node:zlib';

/** In bytes, once it is unpacked: a day of a busy merchant has a few million. */
const MOST_UNPACKED = 256 * 1024 * 1024;

/**
 * What `fileContent` of the answer about a settlement file holds: base64 of what `deflate` (with its zlib header) made of
 * the file. Undefined where it is neither, or unpacks to more than `most` bytes.
 * Source: UnionPay, ACPSample_B2C, `AcpService.deCodeFileContent`.
 */
export function decodeFileContent(fileContent: string, most = MOST_UNPACKED): Buffer | undefined {
  const packed = Buffer.from(fileContent, 'base64');
  if (packed.length === 0 || packed.toString('base64') !== fileContent) return undefined;
  try {
    return inflateSync(packed, { maxOutputLength: most });
  } catch {
    return undefined;
  }
}
